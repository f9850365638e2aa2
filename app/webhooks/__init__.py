"""This room owns what Meta posts to us: verified, stored before it is acknowledged, then digested."""
