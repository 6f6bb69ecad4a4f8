"""What a person works from: today's page, the inbox and the board, lists as files."""
