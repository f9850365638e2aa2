"""The one way out to Meta: gate (what may be sent), guard (how many), throttle (how fast), sender and receipts."""
