"""This room owns the shapes of requests and answers, from which the OpenAPI description is made."""
