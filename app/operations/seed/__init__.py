"""This room owns the sandbox's demo data: people and one finished campaign. Ask it for `demo.sow()`."""
