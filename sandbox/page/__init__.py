"""This room owns the sandbox's own page: the simulated phones and their conversations."""
