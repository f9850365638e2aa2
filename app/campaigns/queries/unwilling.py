"""Who would get no marketing and why, as conditions of a query about everybody: the gate's rules in SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, func, select

from app.auth import workspace
from app.campaigns.models import Campaign, Recipient, TargetType, WhenCapped
from app.customers.queries.answers import suppressed
from app.messaging.engine import gate
from app.messaging.models import Direction, Message, MessageState, Rank, SkipReason
from app.shared import clock
from app.shared.phone import area_codes_abroad


def unwilling(campaign: Campaign, known: FromClause) -> list[tuple[ColumnElement[bool], str]]:
    """Conditions on a recipient and the customer `known` beside them, each with the reason it skips for.

    Of those by the gate's order the first that holds counts. Waiting is no reason.
    """
    here = workspace.current()
    opted_in = func.coalesce(known.c.marketing_opt_in, False)
    said_no = and_(known.c.marketing_opt_out_at.is_not(None), ~opted_in)
    reasons = [(suppressed(Recipient), SkipReason.SUPPRESSED.value), (said_no, SkipReason.OPTED_OUT.value)]
    if campaign.target_type is not TargetType.IMPORTED:
        reasons.append((~opted_in, SkipReason.NO_CONSENT.value))
    reasons.append((_spared(here.spares_only_us_area_codes), SkipReason.US_MARKETING.value))
    if here.marketing_cap is not None and campaign.when_capped is WhenCapped.SKIP:
        reasons.append((_capped(here.marketing_cap), SkipReason.FREQUENCY_CAP.value))
    return reasons


def _spared(only_us: bool) -> ColumnElement[bool]:
    is_nanp = Recipient.phone.startswith("+1")
    return and_(is_nanp, func.left(Recipient.phone, 5).not_in(area_codes_abroad())) if only_us else is_nanp


def _capped(cap: int) -> ColumnElement[bool]:
    """By number alone: what went to the number before is known to the sender, and is few."""
    counted = (
        Message.direction == Direction.OUT,
        Message.category == gate.MARKETING,
        Message.state.in_((MessageState.SENDING, MessageState.ACCEPTED, MessageState.UNCONFIRMED)),
        Message.rank != Rank.FAILED,
        Message.is_trial.is_(False),
        Message.created_at > clock.now() - gate.WEEK,
    )
    return Recipient.phone.in_(
        select(Message.phone).where(*counted).group_by(Message.phone).having(func.count() >= cap)
    )
