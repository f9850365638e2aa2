"""Verbs of this room: `people` makes and changes customers, `consent` keeps their yes and no, `imports` reads files."""
