"""The same sandbox as the channel's tests."""

from tests.channels.conftest import forms_without_tokens, nobody, sandbox, sandbox_program

__all__ = ["forms_without_tokens", "nobody", "sandbox", "sandbox_program"]
