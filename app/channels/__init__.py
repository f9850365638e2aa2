"""This room owns the connected WhatsApp numbers; ask it for a channel, its token and its messaging limit."""
