"""This room owns the control API: what the sandbox knows for certain, and how to make things happen. No Graph path."""
