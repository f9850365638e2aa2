"""This room owns what the sandbox tells the outside; ask the postman to deliver an update."""
