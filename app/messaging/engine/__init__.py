"""The one way out to Meta (gate, guard, throttle, ledger, sender, replies) and the one way in (receipts, inbound)."""
