"""This room owns Meta's message templates as we know them; ask it for an approved one."""
