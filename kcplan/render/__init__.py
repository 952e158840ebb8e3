"""Plans as a person or a program reads them: text, markdown, JSON, HTML."""
