"""Tests of the client to Meta: pure parts, odd answers, and real sockets that misbehave."""
