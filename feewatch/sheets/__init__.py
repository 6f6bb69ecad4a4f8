"""Table files of every kind -> rows of text cells: the one reader of workbooks and encodings."""
