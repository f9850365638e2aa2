"""This room owns what the sandbox remembers: facts, templates, customers, and their files on disk."""
