"""This room owns all HTTP to Meta's Graph API; ask it to send, to read what Meta knows, to read webhooks."""
