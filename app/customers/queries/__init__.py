"""Reads of customers and of what they bought."""
