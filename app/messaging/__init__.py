"""This room owns messages in and out and the messaging limit; ask its engine to send."""
