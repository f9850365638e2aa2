"""This room owns messages in and out, conversations and the messaging limit; ask its engine to send and receive."""
