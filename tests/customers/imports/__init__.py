"""Imports of files: what a cell says, what a column is, what becomes of the rows."""
