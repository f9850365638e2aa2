"""This room owns what Meta checks before it accepts; ask it to refuse what Meta would refuse."""
