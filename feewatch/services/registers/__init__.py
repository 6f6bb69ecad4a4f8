"""Register files, templates, opening statements and student tokens."""
