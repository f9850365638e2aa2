"""The circuit breaker: a campaign whose messages mostly fail stops itself before it has spent everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.campaigns.models import PauseReason
from app.campaigns.service.policy import Trouble
from app.extensions import db
from app.meta.errors import ErrorClass, meaning_of

LATEST = 200
FEWEST = 50  # finished ones; before that a share says little
PAYLOADS_IN_A_ROW = 20
LOOKED_THROUGH = 2000  # rows at most: a campaign that is tried again and again has many that do not count


@dataclass(frozen=True, slots=True)
class Finished:
    """How a message ended: its code where it failed."""

    has_failed: bool
    code: int | None


def trouble(campaign_id: int) -> Trouble | None:
    """Why the campaign must stop, if too many of its latest messages failed, and with which code mostly.

    One look at its index's end; call it where something has just failed for good.
    """
    rows = db.session.execute(_LATEST, {"campaign": campaign_id, "through": LOOKED_THROUGH, "latest": LATEST}).all()
    most = rows[0].max_failure_share if rows else None
    return judge([Finished(row.has_failed, row.error_code) for row in rows], most)


def judge(latest: Sequence[Finished], most: int | None) -> Trouble | None:
    """The verdict about a campaign's finished messages, the latest first; `most` percent of them may have failed."""
    failed = [message.code for message in latest if message.has_failed]
    is_too_many = most is not None and len(latest) >= FEWEST and 100 * len(failed) > most * len(latest)
    if is_too_many or _are_all_wrong(latest[:PAYLOADS_IN_A_ROW]):
        return PauseReason.TOO_MANY_ERRORS, Counter(failed).most_common(1)[0][0]
    return None


def start_anew(campaign_id: int) -> None:
    """What has failed so far was seen by whoever lets the campaign go on: it counts no more."""
    db.session.execute(_START_ANEW, {"campaign": campaign_id})


def _are_all_wrong(latest: Sequence[Finished]) -> bool:
    wrong = (message.has_failed and meaning_of(message.code).error_class is ErrorClass.PAYLOAD for message in latest)
    return len(latest) == PAYLOADS_IN_A_ROW and all(wrong)


# Rows are compared, not campaigns: asked by a campaign's id and in the order of ids, the planner may walk the primary
# key through all newer campaigns.
_LATEST = text(
    """
    SELECT m.rank = 20 AS has_failed, m.error_code, c.max_failure_share
    FROM campaigns c,
    LATERAL (SELECT * FROM messages
             WHERE campaign_id IS NOT NULL
               AND (campaign_id, id) > (CAST(:campaign AS bigint), coalesce(c.judged_up_to, 0))
               AND (campaign_id, id) < (:campaign + 1, CAST(0 AS bigint))
             ORDER BY campaign_id DESC, id DESC LIMIT :through) m
    WHERE c.id = :campaign AND NOT m.is_superseded AND (m.state = 'accepted' OR m.rank = 20)
    ORDER BY m.id DESC LIMIT :latest
    """
)
_START_ANEW = text(
    """
    UPDATE campaigns SET judged_up_to = (SELECT max(id) FROM messages WHERE campaign_id = :campaign)
    WHERE id = :campaign
    """
)
