"""This room owns stored files: ask `files` to save, open, measure or delete one by its key,
and `lost` for those that nothing names."""
