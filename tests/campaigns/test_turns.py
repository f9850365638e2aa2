"""Turns: a limit that is too small for all is shared by weight, and none starves."""

from __future__ import annotations

from collections import deque

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.models import CampaignStatus, PauseReason, RecipientState
from app.campaigns.queries import rivals
from app.campaigns.queries.rivals import Share
from app.campaigns.service import turns
from app.extensions import db
from app.shared import clock
from tests import factories


def shared(remaining: int, weights: list[int], pending: int = 100_000) -> list[int]:
    """What each of these campaigns got when all places are gone, taking turns from first to last."""
    got, queue = [0] * len(weights), deque(range(len(weights)))
    while remaining:
        now = queue.popleft()
        mine = Share(pending - got[now], weights[now])
        others = [Share(pending - got[i], weights[i]) for i in queue]
        taken = turns.turn(remaining, mine, others)
        taken = min(remaining, mine.pending) if taken is None else min(taken, mine.pending)
        got[now], remaining = got[now] + taken, remaining - taken
        queue.append(now)
    return got


@pytest.mark.parametrize("weights", [[1, 1], [1, 1, 1], [3, 1], [1, 3], [5, 2, 1], [1, 10]])
@pytest.mark.parametrize("remaining", [190, 1_600, 80_000])
def test_places_are_shared_by_weight(weights: list[int], remaining: int) -> None:
    for got, weight in zip(shared(remaining, weights), weights, strict=True):
        fair = remaining * weight / sum(weights)
        assert fair * 0.8 - turns.SMALL <= got <= fair * 1.25 + turns.SMALL


@given(remaining=st.integers(1, 500), weights=st.lists(st.integers(1, 100), min_size=2, max_size=6))
def test_all_places_are_used_and_none_starves(remaining: int, weights: list[int]) -> None:
    got = shared(remaining, weights)
    assert sum(got) == remaining
    if remaining >= 2 * sum(weights):
        assert min(got) >= 1


def test_even_a_handful_of_places_is_shared() -> None:
    assert min(shared(9, [1, 1, 1])) >= 2


def test_there_are_no_turns_where_there_is_enough_for_all() -> None:
    assert turns.turn(200, Share(100, 1), [Share(100, 1)]) is None
    assert turns.turn(199, Share(100, 1), [Share(100, 1)]) == 25
    assert turns.turn(None, Share(100, 1), [Share(100, 1)]) is None
    assert turns.turn(10, Share(100, 1), []) is None


def test_there_is_nothing_to_share_when_nothing_is_left() -> None:
    assert turns.turn(0, Share(5, 1), [Share(5, 1)]) is None


def test_rivals_are_being_sent_or_wait_for_the_limit_and_have_somebody_due(app: Flask) -> None:
    template = factories.make_template()

    def campaign(number: int, status: CampaignStatus = CampaignStatus.SENDING, **more: object) -> int:
        columns = {key: more.pop(key) for key in ("weight", "pause_reason") if key in more}
        made = factories.make_campaign(template, status=status, **columns)
        factories.make_recipients(made, number, 919800000001 + 1000 * made.id, **more)
        return made.id

    mine = campaign(3, weight=2)
    campaign(5)
    campaign(7, CampaignStatus.PAUSED, pause_reason=PauseReason.MESSAGING_LIMIT, weight=9)
    campaign(1, CampaignStatus.PAUSED, pause_reason=PauseReason.BY_HAND)
    campaign(1, CampaignStatus.READY)
    campaign(1, due_at=clock.now().replace(year=2999))
    campaign(1, state=RecipientState.SKIPPED)
    ours, theirs = rivals.shares(mine)
    assert (ours, sorted(theirs, key=lambda one: one.weight)) == (Share(3, 2), [Share(5, 1), Share(7, 9)])


def test_another_portfolios_campaigns_are_no_rivals(app: Flask) -> None:
    mine = factories.make_campaign(status=CampaignStatus.SENDING)
    other = factories.make_channel(phone_number_id="2", business_id="another")
    theirs = factories.make_campaign(factories.make_template(other), status=CampaignStatus.SENDING)
    factories.make_recipients(theirs, 5)
    db.session.flush()
    assert rivals.shares(mine.id) == (Share(0, 1), [])
