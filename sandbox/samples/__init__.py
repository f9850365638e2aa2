"""This room owns the small files customers send; ask `files.keep` for one."""
