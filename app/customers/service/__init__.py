"""Verbs of this room: `people` makes, changes and merges customers, `consent` keeps yes and no, `imports` reads CSV."""
