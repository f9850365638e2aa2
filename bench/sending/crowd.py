"""Who is written to: campaigns of any size, and the finished ones of earlier days that lie beside them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_migrate import upgrade
from sqlalchemy import text

from app import config, create_app
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.channels.service import ensure_channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock, queues

BLOCK = 100_000  # the last six digits stay below it: the sandbox reads higher ones as Meta's error codes
CHUNK = 100_000
FULL_SPEED = 1_000
LIVED_IN = 10_000
BODY = "Hi {{1}}, monsoon fares to {{2}} are open. Reply to book."
VARIABLES = {
    "body.1": {"source": "field", "value": "name", "fallback": "there"},
    "body.2": {"source": "text", "value": "Goa"},
}


class Crowd:
    """Customers and campaigns in the database of `environment`. Every campaign has customers of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._app = create_app(environment)
        self._first = 0  # the number of the next new customer

    def prepare(self) -> None:
        """Tables, a channel without a limit, an approved template, and a campaign of long ago: no house is empty."""
        with self._app.app_context():
            upgrade()
            channel = ensure_channel(config.current())
            channel.tier = "TIER_UNLIMITED"
            db.session.flush()
            buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Interested"}]}
            parts = [{"type": "BODY", "text": BODY, "example": {"body_text": [["Asha", "Goa"]]}}, buttons]
            words = {"name": "goa_monsoon_offer", "language": "en", "category": "MARKETING", "status": "APPROVED"}
            template = MessageTemplate(
                channel_id=channel.id, meta_id="1", components=parts, synced_at=clock.now(), **words
            )
            db.session.add(template)
            db.session.commit()
            self._channel, self._template = channel.id, template.id
        self.campaign(LIVED_IN, done=LIVED_IN, status=CampaignStatus.COMPLETED)

    def campaign(self, recipients: int, *, done: int = 0, status: CampaignStatus = CampaignStatus.SENDING) -> int:
        """A campaign whose first `done` recipients were written to, each by a message that was read; its id."""
        with self._app.app_context():
            campaign = Campaign(
                name="Bench",
                channel_id=self._channel,
                template_id=self._template,
                template_variables=VARIABLES,
                target_type=TargetType.IMPORTED,
                status=status,
            )
            db.session.add(campaign)
            db.session.commit()
            for begin in range(0, recipients, CHUNK):
                self._enrol(campaign.id, begin, min(recipients, begin + CHUNK))
                self._write_to(campaign.id, begin, min(done, begin + CHUNK))
                db.session.commit()
            return campaign.id

    def speed(self, per_second: int) -> None:
        """The channel's messages a second."""
        with self._app.app_context():
            db.session.execute(text("UPDATE channels SET messages_per_second = :speed"), {"speed": per_second})
            db.session.commit()

    def settle(self) -> None:
        """Let the database tidy up now, so that it does not while something is measured."""
        with self._app.app_context(), db.engine.connect() as connection:
            free = connection.execution_options(isolation_level="AUTOCOMMIT")
            free.execute(text("VACUUM ANALYZE"))
            free.execute(text("CHECKPOINT"))

    def ring(self, campaign_id: int) -> None:
        """Let the workers begin."""
        with self._app.app_context():
            queues.ring(queues.SENDS, send_campaign, campaign_id)

    def stop(self, campaign_id: int) -> None:
        """Send no more of it."""
        with self._app.app_context():
            db.session.execute(text("UPDATE campaigns SET status = 'cancelled' WHERE id = :id"), {"id": campaign_id})
            db.session.commit()

    def close(self) -> None:
        with self._app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _enrol(self, campaign_id: int, begin: int, end: int) -> None:
        numbers = {"campaign": campaign_id, "begin": begin, "end": end, "first": self._first, "block": BLOCK}
        db.session.execute(_CUSTOMERS, numbers)
        db.session.execute(_RECIPIENTS, numbers)
        self._first += end - begin

    def _write_to(self, campaign_id: int, begin: int, end: int) -> None:
        if begin < end:
            numbers = {"campaign": campaign_id, "channel": self._channel, "begin": begin, "end": end}
            db.session.execute(_MESSAGES, numbers)
            db.session.execute(_HANDED, {"campaign": campaign_id})


_PHONE = """'+91' || 9100000000 + (:first + n - :begin) / CAST(:block AS bigint) * 1000000
            + (:first + n - :begin) % CAST(:block AS bigint)"""
_CUSTOMERS = text(
    f"""INSERT INTO customers (public_id, phone, name, city, tags, marketing_opt_in, marketing_opt_in_at)
        SELECT gen_random_uuid(), {_PHONE}, 'Person ' || n, 'Pune', '{{}}', true, now()
        FROM generate_series(CAST(:begin AS bigint), :end - 1) n"""
)
_RECIPIENTS = text(
    f"""INSERT INTO recipients (campaign_id, position, phone, name, customer_id, variables)
        SELECT :campaign, n + 1, p.phone, 'Person ' || n, c.id, '{{"City": "Goa"}}'
        FROM generate_series(CAST(:begin AS bigint), :end - 1) n
        CROSS JOIN LATERAL (SELECT {_PHONE} AS phone) p JOIN customers c ON c.phone = p.phone"""
)
_MESSAGES = text(
    """INSERT INTO messages (public_id, channel_id, customer_id, campaign_id, recipient_id, type, phone, body, state,
                             rank, wamid, category, sent_at, delivered_at, read_at, created_at)
       SELECT gen_random_uuid(), :channel, customer_id, :campaign, id, 'template', phone, 'Hi', 'accepted', 40,
              'wamid.' || gen_random_uuid(), 'MARKETING', at, at, at, at
       FROM recipients, (SELECT now() - interval '30 days' AS at) t
       WHERE campaign_id = :campaign AND position > :begin AND position <= :end ORDER BY position"""
)
_HANDED = text(
    """UPDATE recipients r SET state = 'handed', message_id = m.id FROM messages m
       WHERE r.campaign_id = :campaign AND r.state = 'pending' AND m.recipient_id = r.id"""
)
