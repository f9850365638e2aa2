"""This room owns what a message looks like to its customer; ask `messages.see` for it."""
