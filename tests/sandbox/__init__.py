"""This room owns the sandbox's tests: the real program, its real HTTP, no database."""
