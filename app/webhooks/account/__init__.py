"""What Meta tells of the account, its numbers and its templates; ask `apply.apply` to let one change take effect."""
