"""This room owns what happens to the account; ask `announce.announce` to let it happen and be told."""
