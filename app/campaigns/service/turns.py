"""Turns: how campaigns share a limit that is too small for them all.

Whoever has its turn takes a part of what is left, by its weight, and goes to the end of the queue. Nobody takes
more than its share of what is left, so the last in the queue still finds something, whatever the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from app.campaigns.queries.rivals import Share

PART = 0.25  # of a share is taken in one turn: a campaign that starts later finds something left
SMALL = 10  # places a turn has on average at least, or the turns would cost more than the sending


def turn(remaining: int | None, mine: Share, rivals: Sequence[Share]) -> int | None:
    """How many places one tick may take of the `remaining`; None when there is nothing to share.

    That is without a limit, with enough for all, and with nothing left: then the guard has the word.
    """
    wanted = mine.pending + sum(rival.pending for rival in rivals)
    if not remaining or not rivals or wanted <= remaining:
        return None
    return places(remaining, mine.weight, [rival.weight for rival in rivals])


def places(remaining: int, weight: int, rivals: Sequence[int]) -> int:
    """The places of one turn: a part of one's share of what is left, by weight."""
    share = remaining * weight / (weight + sum(rivals))
    return ceil(share * min(1, max(PART, SMALL * (1 + len(rivals)) / remaining)))
