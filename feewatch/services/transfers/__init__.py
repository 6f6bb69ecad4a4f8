"""移送: cases handed to another department, with their evidence and a receipt."""
