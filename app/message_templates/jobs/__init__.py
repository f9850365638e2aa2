"""The doors to Meta's templates: read them, hand one in, edit, delete or unpause it. They commit."""
