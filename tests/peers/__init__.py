"""Other people's libraries beside our own."""
