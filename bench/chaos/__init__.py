"""This room owns the trial by chaos: it sends campaigns while everything dies, and judges by Meta's truth."""
