"""Papers (文书) as documents: templates that an office edits, filled to DOCX. Knows no case."""
