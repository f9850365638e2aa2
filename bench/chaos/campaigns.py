"""What the trial sends: a channel and its templates as Meta tells them, and campaigns to different people."""

from __future__ import annotations

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, text

from app import config
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.service import lifecycle
from app.channels.jobs import refresh_channel
from app.channels.models import Channel
from app.channels.service import ensure_channel, set_speed
from app.extensions import db
from app.message_templates.jobs.reading import sync_templates
from app.message_templates.models import MessageTemplate
from app.meta.components import compile_template
from app.shared import queues

TEMPLATES = (("goa_monsoon_offer", "en"), ("trip_feedback", "en"), ("welcome_offer", "hi"))
BLOCK = 100_000  # the last six digits stay below it: the sandbox reads higher ones as Meta's error codes
RETRIES = 1_000  # Meta's troubles are to end, not the tries


def prepare(app: Flask, recipients: int, speed: int) -> list[int]:
    """Tables, a channel and a campaign for each of TEMPLATES, which share the recipients; ids of the campaigns."""
    with app.app_context():
        upgrade()
        channel = _channel(speed)
        campaigns = [_campaign(channel, name, language) for name, language in TEMPLATES]
        for number, campaign in enumerate(campaigns):
            _enrol(campaign, range(recipients)[number :: len(campaigns)])
        db.session.commit()
        return [campaign.id for campaign in campaigns]


def launch(app: Flask, ids: list[int]) -> None:
    """Start them all, as the page's button does."""
    with app.app_context():
        for campaign_id in ids:
            lifecycle.launch(lifecycle.locked(campaign_id))
            db.session.commit()
            queues.ring(queues.SENDS, send_campaign, campaign_id)
        db.session.remove()
        db.engine.dispose()  # the server is about to be restarted


def _channel(speed: int) -> Channel:
    channel = ensure_channel(config.current())
    db.session.commit()
    refresh_channel(channel.id)
    sync_templates(channel.id)
    set_speed(channel, speed)
    return channel


def _campaign(channel: Channel, name: str, language: str) -> Campaign:
    """Ready to start; it gives nobody up and never stops by itself for the errors that the trial makes."""
    found = select(MessageTemplate).where(MessageTemplate.name == name, MessageTemplate.language == language)
    template = db.session.scalars(found).one()
    gaps = compile_template(template.components, template.parameter_format).variables
    campaign = Campaign(
        name=f"Chaos: {name} ({language})",
        channel_id=channel.id,
        template_id=template.id,
        template_variables={gap.key: {"source": "text", "value": "Goa"} for gap in gaps},
        target_type=TargetType.IMPORTED,
        status=CampaignStatus.READY,
        max_retries=RETRIES,
        max_failure_share=None,
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def _enrol(campaign: Campaign, people: range) -> None:
    numbers = {"campaign": campaign.id, "first": people.start, "last": people.stop - 1, "step": people.step}
    db.session.execute(_ENROL, numbers | {"block": BLOCK})


_ENROL = text(
    """
    INSERT INTO recipients (campaign_id, position, phone, name)
    SELECT :campaign, row_number() OVER (ORDER BY n),
           '+91' || 9800000000 + n / CAST(:block AS bigint) * 1000000 + n % :block, 'Person ' || n
    FROM generate_series(CAST(:first AS bigint), :last, :step) AS n
    """
)
