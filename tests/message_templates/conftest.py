"""The same address where nobody answers as the channel's tests."""

from tests.channels.conftest import nobody

__all__ = ["nobody"]
