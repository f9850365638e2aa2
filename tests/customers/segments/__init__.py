"""Segments: read, asked, told, kept."""
