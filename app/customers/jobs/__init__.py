"""The doors through which a worker comes into this room."""
