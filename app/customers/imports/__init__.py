"""This room owns files on their way in: reading, trying, merging, undoing; ask it for `service` and `kind_of`."""
