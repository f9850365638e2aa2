"""Accidents that happen to message sends at the tuned rates."""

import asyncio
import random

from aiohttp import web

from sandbox.errors import GraphError
from sandbox.tuning import Faults

HANG_SECONDS = 120.0


class Dropped(Exception):
    """The connection died before an answer could be given."""


async def meet_accident(faults: Faults, request: web.Request) -> None:
    """Perhaps answer 500, perhaps hang until the client gives up; the message is not accepted then."""
    if random.random() < faults.http_500_rate:
        raise GraphError(131000)
    if random.random() < faults.hang_rate:
        await asyncio.sleep(HANG_SECONDS)
        _cut(request)


async def dawdle(faults: Faults) -> None:
    """Perhaps let the sender of a message that was accepted wait for its answer."""
    if random.random() < faults.slow_rate:
        await asyncio.sleep(faults.slow_ms / 1000)


def drop_connection(faults: Faults, request: web.Request) -> None:
    """Perhaps cut the connection of a message that was accepted: the sender cannot know."""
    if random.random() < faults.accept_then_drop_rate:
        _cut(request)


def _cut(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()
    raise Dropped
