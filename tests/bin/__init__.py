"""Tests of the commands in bin/ and of what they are made of."""
