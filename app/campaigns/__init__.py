"""This room owns campaigns and their recipients: wizard, audience, sending and progress."""
