"""This room owns what customers do; ask `table.act` to do one by its name, `habits` for what they do by themselves."""
