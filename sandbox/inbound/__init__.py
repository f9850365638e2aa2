"""This room owns what customers write; ask `writing.write` to write, `receive.receive` to take it as Meta shapes it."""
