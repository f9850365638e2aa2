"""This room owns the simulated side of Meta: a Graph API over HTTP; run it with `python -m sandbox`."""
