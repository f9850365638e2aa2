"""This room owns customers, their consent and CSV imports; ask it who a person is and whether we may write to them."""
