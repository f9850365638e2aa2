"""What a person decides about messages: failed ones tried once more, and what becomes of those in doubt.

Every verb locks the campaign, then the guard, and has one effect however often it is pressed: the second press finds
nothing left and says so. The door commits, and rings for a campaign that goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from app.campaigns.models import CAMPAIGN_STATES, Campaign, CampaignStatus
from app.campaigns.queries.people import DECIDE_AFTER
from app.campaigns.service import lifecycle, policy, retries
from app.campaigns.service.obstacles import obstacle
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import Message, Rank
from app.shared.errors import Refused

MINUTES = DECIDE_AFTER.total_seconds() / 60
WAS_SENT = frozenset({CampaignStatus.SENDING, CampaignStatus.PAUSED, CampaignStatus.COMPLETED})


def retry_failed(campaign: Campaign) -> int:
    """Try those once more whose failure another attempt can mend; how many there are.

    Each attempt is a message of its own. A completed campaign is being sent again; a paused one stays paused. Raises
    `Refused` where nobody can be helped so, or Meta forbids sending.
    """
    campaign = _held(campaign)
    _require_sendable(campaign)
    chances = {code: wait for code in _codes(campaign) if (wait := policy.second_chance(code)) is not None}
    _go_on(campaign)
    return _some(retries.requeue_failed(campaign.id, chances), _HOPELESS if _codes(campaign) else _NOBODY_FAILED)


def assume_sent(campaign: Campaign, recipient_ids: Sequence[int] | None) -> int:
    """Take the messages in doubt of these recipients (None: of all) for sent; how many there are.

    If Meta's news come after all, they count. Raises `Refused` where nothing is in doubt for long enough.
    """
    campaign = _held(campaign)
    if campaign.status not in WAS_SENT | {CampaignStatus.CANCELLED}:
        raise Refused(_NOT_STARTED)
    ids = None if recipient_ids is None else list(recipient_ids)
    parameters = {"campaign": campaign.id, "recipients": ids, "minutes": MINUTES, "sent": Rank.SENT}
    return _some(len(db.session.execute(_ASSUME, parameters).all()), _NOBODY_IN_DOUBT)


def send_again(campaign: Campaign, recipient_ids: Sequence[int] | None) -> int:
    """Give up the messages in doubt of these recipients (None: of all) and write to them anew; how many there are.

    News of the old message that come before the new one left cancel the new one. Raises `Refused` where nothing is
    in doubt for long enough, or Meta forbids sending.
    """
    campaign = _held(campaign)
    _require_sendable(campaign)
    _go_on(campaign)
    return _some(retries.requeue_undecided(campaign.id, recipient_ids, MINUTES), _NOBODY_IN_DOUBT)


def _held(campaign: Campaign) -> Campaign:
    """The campaign and the guard, locked in this order: nobody claims or settles until the commit."""
    campaign = lifecycle.locked(campaign.id)
    guard.hold(campaign.channel.portfolio_id)
    return campaign


def _require_sendable(campaign: Campaign) -> None:
    if campaign.status is CampaignStatus.CANCELLED:
        raise Refused("This campaign was cancelled; copy it to write to these people.")
    if campaign.status not in WAS_SENT:
        raise Refused(_NOT_STARTED)
    if campaign.template is None:
        raise Refused("This campaign's message template is gone.")
    if found := obstacle(campaign):
        raise Refused(found.sentence)


def _go_on(campaign: Campaign) -> None:
    """A completed campaign is being sent again. Before its recipients: whose campaign is over stay as they are."""
    if campaign.status is CampaignStatus.COMPLETED:
        CAMPAIGN_STATES.move(campaign, CampaignStatus.SENDING)
        campaign.completed_at = None
    db.session.flush()


def _codes(campaign: Campaign) -> Sequence[int | None]:
    query = select(Message.error_code).where(
        Message.campaign_id == campaign.id, Message.rank == Rank.FAILED, ~Message.is_superseded
    )
    return db.session.scalars(query.distinct()).all()


def _some(number: int, otherwise: str) -> int:
    if not number:
        raise Refused(otherwise)
    return number


_NOT_STARTED = "Nobody has been written to yet."
_NOBODY_FAILED = "No message of this campaign has failed."
_HOPELESS = "Every failed message would fail again; see what helps beside each reason."
_NOBODY_IN_DOUBT = "No such message is in doubt for more than 15 minutes. News of the others may still come."

_ASSUME = text(
    """
    WITH locked AS MATERIALIZED (
        SELECT m.id FROM messages m JOIN recipients r ON r.message_id = m.id
        WHERE m.campaign_id = :campaign AND m.state = 'unconfirmed' AND NOT m.is_superseded AND r.state = 'handed'
          AND m.created_at < statement_timestamp() - make_interval(secs => 60 * :minutes)
          AND (CAST(:recipients AS bigint[]) IS NULL OR r.id = ANY(CAST(:recipients AS bigint[])))
        ORDER BY r.id FOR NO KEY UPDATE OF r, m)
    UPDATE messages m SET state = 'accepted', rank = greatest(m.rank, :sent), assumed_at = statement_timestamp(),
        sent_at = coalesce(m.sent_at, m.created_at), lease_until = NULL, error_code = NULL, error_message = NULL,
        updated_at = statement_timestamp()
    FROM locked WHERE m.id = locked.id AND m.state = 'unconfirmed'
    RETURNING m.id
    """
)
