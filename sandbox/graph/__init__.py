"""This room owns the Graph paths; ask `graph.router` to answer a call."""
