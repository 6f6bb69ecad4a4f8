"""规则包: rule data that a province signs and counties lay under their own folders."""
