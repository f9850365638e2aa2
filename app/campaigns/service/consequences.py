"""What follows from failures, be they answers or later news: another attempt, a pause, an opt-out, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.campaigns.service import circuit, policy, retries
from app.campaigns.service.policy import Fate, Trouble
from app.extensions import db
from app.messaging.engine.sender import Verdict
from app.meta.errors import meaning_of


@dataclass(frozen=True, slots=True)
class Failure:
    """A campaign's message that certainly did not arrive."""

    message_id: int
    code: int | None
    verdict: Verdict = Verdict.REFUSED


def judge(failures: Sequence[Failure]) -> dict[Failure, Fate]:
    """What is to be done about each of these that is its recipient's latest attempt."""
    found = retries.attempts([failure.message_id for failure in failures])
    return {failure: _fate(failure, found[failure.message_id]) for failure in failures if failure.message_id in found}


def draw(campaign_id: int, fates: Mapping[Failure, Fate]) -> Trouble | None:
    """Let these fates come true; why the campaign must pause, and Meta's code for it, if it must.

    Whoever calls holds the guard, and can do it again after a rollback.
    """
    retries.requeue({failure.message_id: retry for failure, it in fates.items() if (retry := _retry(it))})
    _stop_marketing([failure.message_id for failure, it in fates.items() if isinstance(it, policy.OptOut)])
    troubles = [
        (it.reason, failure.code)
        for failure, it in fates.items()
        if isinstance(it, policy.PauseCampaign | policy.PauseChannel)
    ]
    if troubles:
        return min(troubles, key=_gravity)
    has_ended = any(isinstance(it, policy.Fail | policy.OptOut) for it in fates.values())
    return circuit.trouble(campaign_id) if has_ended else None


def brings_back(fates: Mapping[Failure, Fate]) -> bool:
    """Whether somebody is to be written to again."""
    return any(_retry(it) for it in fates.values())


def _fate(failure: Failure, attempt: retries.Attempt) -> Fate:
    error_class = meaning_of(failure.code).error_class
    return policy.fate(failure.code, error_class, failure.verdict, attempt.tries, attempt.rules)


def _retry(it: Fate) -> policy.Retry | None:
    if isinstance(it, policy.PauseCampaign | policy.PauseChannel):
        return policy.KEEPS_ITS_TURN
    return it if isinstance(it, policy.Retry) else None


def _gravity(trouble: Trouble) -> bool:
    """The number's troubles go before a template's."""
    return trouble[0] is not policy.PauseChannel().reason


def _stop_marketing(message_ids: Sequence[int]) -> None:
    """Counted at once; the consent ledger is written by whoever heeds, who may lock customers."""
    if message_ids:
        db.session.execute(_COUNT_OPT_OUT, {"ids": list(message_ids)})


_COUNT_OPT_OUT = text(
    """
    WITH counted AS (
        UPDATE messages SET opted_out_at = coalesce(failed_at, statement_timestamp()),
            updated_at = statement_timestamp()
        WHERE id = ANY(CAST(:ids AS bigint[])) AND opted_out_at IS NULL AND rank = 20
        RETURNING id)
    INSERT INTO late_failures (message_id) SELECT id FROM counted ORDER BY id ON CONFLICT DO NOTHING
    """
)
