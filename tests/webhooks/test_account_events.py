"""What Meta tells of the account takes effect: templates, number, limit, standing. Twice and late change nothing."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.channels import alerts, queries
from app.channels.limits import messaging_limit
from app.channels.models import Alert, Channel
from app.channels.service import blocked
from app.extensions import db
from app.message_templates import events
from app.message_templates.models import MessageTemplate, TemplateEvent
from app.meta.payloads import AccountChange
from app.shared.queues import Ring
from app.webhooks.account.apply import HANDLERS, apply
from app.webhooks.jobs import digest_events
from tests import factories

WABA = "200000000000001"
T = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "pywa" / "webhooks"


@pytest.fixture
def template(app: Flask) -> MessageTemplate:
    return factories.make_template()


@pytest.fixture
def channel(template: MessageTemplate) -> Channel:
    return template.channel


@pytest.fixture
def campaign(template: MessageTemplate) -> Campaign:
    return factories.make_campaign(template, status=CampaignStatus.SENDING)


def tell(field: str, minute: int = 0, *, waba: str = WABA, **value: Any) -> list[Ring]:
    rings = apply(AccountChange(field, value, waba, T + timedelta(minutes=minute)), 1)
    db.session.expire_all()
    return rings


def tell_status(template: MessageTemplate, event: str, minute: int = 0, **more: Any) -> list[Ring]:
    about = {"message_template_id": int(template.meta_id or 0), "message_template_name": template.name}
    return tell("message_template_status_update", minute, event=event, **about, **more)


def tell_account(event: str, minute: int = 0, **more: Any) -> list[Ring]:
    return tell("account_update", minute, event=event, **more)


def tell_number(event: str, minute: int = 0, **more: Any) -> list[Ring]:
    return tell("phone_number_quality_update", minute, event=event, display_phone_number="1555", **more)


def titles(*, is_open: bool = True) -> list[str]:
    told = db.session.scalars(select(Alert).order_by(Alert.id)).all()
    return [alert.title for alert in told if not (is_open and alert.resolved_at)]


def restriction(ends: datetime | None = None, kind: str = "RESTRICTED_BIZ_INITIATED_MESSAGING") -> dict[str, Any]:
    end = {"expiration": int(ends.timestamp())} if ends else {}
    return {"restriction_info": [{"restriction_type": kind} | end]}


def days_ahead(number: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=number)


# Templates


@pytest.mark.parametrize("event", ["PAUSED", "DISABLED", "REJECTED", "LOCKED", "ARCHIVED", "DELETED", "PENDING"])
def test_it_stops_the_campaigns_of_a_template_that_meta_stopped(campaign: Campaign, event: str) -> None:
    tell_status(campaign.template, event)
    assert campaign.template.status == event
    assert (campaign.status, campaign.pause_reason) == (CampaignStatus.PAUSED, PauseReason.TEMPLATE_PAUSED)


def test_it_forecasts_the_end_of_a_first_and_a_second_pause(campaign: Campaign) -> None:
    tell_status(campaign.template, "PAUSED", other_info={"title": "FIRST_PAUSE", "description": "Low quality."})
    assert campaign.resumes_at == T + timedelta(hours=3)
    tell_status(campaign.template, "APPROVED", 200, other_info={"title": "UNPAUSE"})
    tell_status(campaign.template, "PAUSED", 300, other_info={"title": "SECOND_PAUSE"})
    assert campaign.resumes_at == T + timedelta(minutes=300, hours=6)


@pytest.mark.parametrize("event", ["APPROVED", "REINSTATED", "UNARCHIVED"])
def test_it_lets_them_go_on_when_the_template_is_back(campaign: Campaign, event: str) -> None:
    tell_status(campaign.template, "PAUSED")
    rings = tell_status(campaign.template, event, 5)
    assert (campaign.status, campaign.pause_reason) == (CampaignStatus.SENDING, None)
    assert [ring.args for ring in rings] == [(campaign.id,)]
    assert titles() == []


def test_it_leaves_alone_what_somebody_paused_by_hand(campaign: Campaign) -> None:
    campaign.status, campaign.pause_reason = CampaignStatus.PAUSED, PauseReason.BY_HAND
    tell_status(campaign.template, "PAUSED")
    assert tell_status(campaign.template, "APPROVED", 5) == []
    assert campaign.pause_reason is PauseReason.BY_HAND


def test_it_leaves_other_templates_campaigns_alone(campaign: Campaign) -> None:
    other = factories.make_template(campaign.channel, name="other")
    tell_status(other, "PAUSED")
    assert campaign.status is CampaignStatus.SENDING


def test_a_flagged_template_is_only_an_alert(campaign: Campaign) -> None:
    tell_status(campaign.template, "FLAGGED")
    assert (campaign.status, campaign.template.status) == (CampaignStatus.SENDING, "APPROVED")
    assert titles() == ["Meta flagged the template goa_monsoon_offer."]


def test_it_keeps_why_a_template_was_rejected_and_what_helps(template: MessageTemplate) -> None:
    info = {"reason": "Two variables touch.", "recommendation": "Put words between them."}
    tell_status(template, "REJECTED", reason="INVALID_FORMAT", rejection_info=info)
    assert template.rejected_reason == "INVALID_FORMAT"
    assert template.rejection_advice == "Two variables touch. Put words between them."
    assert events.history(template)[0].reason == template.rejection_advice


def test_an_older_event_does_not_override_a_newer_one(campaign: Campaign) -> None:
    tell_status(campaign.template, "APPROVED", 9)
    tell_status(campaign.template, "PAUSED", 5)
    assert (campaign.template.status, campaign.status) == ("APPROVED", CampaignStatus.SENDING)


def test_any_order_ends_the_same(app: Flask) -> None:
    told = [("PAUSED", 1), ("APPROVED", 2), ("DISABLED", 3), ("REINSTATED", 4), ("PAUSED", 5)]
    for number, order in enumerate(itertools.permutations(told)):
        if number % 12:
            continue
        template = factories.make_template(queries.the_channel(), name=f"t{number}")
        for event, minute in [*order, *order]:
            tell_status(template, event, minute)
        assert template.status == "PAUSED", order
        assert [a.title for a in queries.unseen_alerts(template.channel) if a.subject == str(template.public_id)] == [
            f"The template t{number} (en) is paused."
        ], order


def test_the_same_told_twice_is_one_event_and_one_alert(template: MessageTemplate) -> None:
    for _ in range(2):
        tell_status(template, "PAUSED")
    assert len(events.history(template)) == len(titles(is_open=False)) == 1


def test_a_template_we_do_not_know_is_fetched(channel: Channel) -> None:
    rings = tell("message_template_status_update", event="APPROVED", message_template_id=1)
    assert [(ring.queue, ring.args) for ring in rings] == [("sync", (channel.id,))]


def test_it_finds_a_template_by_name_and_language(template: MessageTemplate) -> None:
    named = {"message_template_name": template.name, "message_template_language": "en"}
    tell("message_template_status_update", event="PAUSED", **named)
    assert template.status == "PAUSED"


def test_an_unknown_event_changes_nothing_and_asks_meta(template: MessageTemplate) -> None:
    rings = tell_status(template, "SING")
    assert (template.status, [ring.queue for ring in rings]) == ("APPROVED", ["sync"])


def test_it_follows_the_quality_of_a_template(template: MessageTemplate) -> None:
    about = {"message_template_id": template.meta_id}
    tell("message_template_quality_update", previous_quality_score="GREEN", new_quality_score="RED", **about)
    assert (template.quality, len(titles())) == ("RED", 1)
    tell("message_template_quality_update", 5, new_quality_score="GREEN", **about)
    assert (template.quality, titles()) == ("GREEN", [])


def test_it_announces_another_category_and_follows_it(template: MessageTemplate) -> None:
    template.category = "UTILITY"
    about = {"message_template_id": template.meta_id}
    tell(
        "template_category_update",
        new_category="UTILITY",
        correct_category="MARKETING",
        category_update_timestamp=int((T + timedelta(days=1)).timestamp()),
        **about,
    )
    assert (template.category, template.next_category) == ("UTILITY", "MARKETING")
    assert template.next_category_at == T + timedelta(days=1)
    tell("template_category_update", 1440, previous_category="UTILITY", new_category="MARKETING", **about)
    assert (template.category, template.next_category, template.next_category_at) == ("MARKETING", None, None)


def test_a_changed_text_is_noted_and_fetched(template: MessageTemplate) -> None:
    for _ in range(2):
        rings = tell("message_template_components_update", message_template_id=template.meta_id)
    assert [ring.queue for ring in rings] == ["sync"]
    assert [event.kind for event in events.history(template)] == ["components"]


# The number


@pytest.mark.parametrize(
    ("said", "tier", "limit"),
    [
        ("TIER_2K", "TIER_2K", 1_600),
        (2000, "TIER_2K", 1_600),
        ("250", "TIER_250", 200),
        ("10K", "TIER_10K", 8_000),
        (-1, "TIER_UNLIMITED", None),
        ("UNLIMITED", "TIER_UNLIMITED", None),
        ("TIER_UNLIMITED", "TIER_UNLIMITED", None),
        (5000, "TIER_2K", 1_600),
    ],
)
def test_it_reads_the_limit_however_meta_writes_it(channel: Channel, said: Any, tier: str, limit: int | None) -> None:
    tell("business_capability_update", max_daily_conversations_per_business=said)
    assert channel.tier == tier
    assert messaging_limit(channel, None).value == limit


@pytest.mark.parametrize("said", ["TIER_NOT_SET", "NOT_SET", "TIER_OF_TOMORROW", None, [], {"a": 1}, True, 1, ""])
def test_what_is_no_limit_leaves_it(channel: Channel, said: Any) -> None:
    tell("business_capability_update", max_daily_conversations_per_business=said)
    assert (channel.tier, titles(is_open=False)) == ("TIER_10K", [])


def test_a_lower_limit_is_an_alert_and_a_higher_one_ends_it(channel: Channel) -> None:
    tell_number("DOWNGRADE", max_daily_conversations_per_business="TIER_2K")
    assert titles() == ["Meta lowered the messaging limit to 2,000 customers in 24 hours."]
    tell_number("UPGRADE", 5, max_daily_conversations_per_business="TIER_100K")
    assert (channel.tier, titles()) == ("TIER_100K", [])
    assert len(titles(is_open=False)) == 2


def test_an_older_limit_does_not_override_a_newer_one_even_when_that_was_the_same(channel: Channel) -> None:
    tell_number("UPGRADE", 5, max_daily_conversations_per_business="TIER_10K")
    tell_number("DOWNGRADE", max_daily_conversations_per_business="TIER_2K")
    assert channel.tier == "TIER_10K"


def test_it_follows_the_quality_of_the_number(channel: Channel) -> None:
    tell_number("FLAGGED")
    assert (channel.quality, titles()) == ("RED", ["The number's quality: Low."])
    tell_number("UNFLAGGED", 5)
    assert (channel.quality, titles()) == ("GREEN", [])


def test_it_follows_the_throughput(channel: Channel) -> None:
    tell_number("THROUGHPUT_UPGRADE", max_daily_conversations_per_business="TIER_UNLIMITED")
    assert (channel.throughput, channel.tier) == ("HIGH", "TIER_UNLIMITED")


def test_another_number_of_the_account_tells_the_limit_but_not_our_quality(channel: Channel) -> None:
    channel.display_number = "+91 98123 45678"
    tell_number("FLAGGED", max_daily_conversations_per_business="TIER_2K")
    assert (channel.quality, channel.tier) == (None, "TIER_2K")


def test_another_account_changes_nothing_of_ours(channel: Channel) -> None:
    tell("business_capability_update", waba="999", max_daily_conversations_per_business="TIER_250")
    assert channel.tier == "TIER_10K"


def test_it_follows_the_display_name(channel: Channel) -> None:
    about = {"display_phone_number": "1555", "requested_verified_name": "Sahyadri Holidays"}
    tell("phone_number_name_update", decision="REJECTED", rejection_reason="NAME_FORMAT", **about)
    assert (channel.name_status, len(titles())) == ("REJECTED", 1)
    tell("phone_number_name_update", 5, decision="APPROVED", **about)
    assert (channel.name_status, channel.verified_name, titles()) == ("APPROVED", "Sahyadri Holidays", [])


def test_a_changed_pin_is_an_alert(channel: Channel) -> None:
    tell("security", event="PIN_CHANGED", display_phone_number="1555", requester="77")
    assert titles() == ["The number's two-step PIN was changed."]


def test_a_pin_changed_once_more_is_told_to_who_has_put_the_first_away(channel: Channel) -> None:
    tell("security", event="PIN_CHANGED", display_phone_number="1555")
    alerts.put_away(alerts.open_alerts(channel), factories.make_user().id, T)
    tell("security", event="PIN_CHANGED", display_phone_number="1555")  # the same, told twice
    assert queries.unseen_count() == 0
    tell("security", 5, event="PIN_CHANGED", display_phone_number="1555")
    assert queries.unseen_count() == 1


# The account


def test_a_restricted_account_stops_every_campaign(campaign: Campaign) -> None:
    other = factories.make_campaign(factories.make_template(campaign.channel, name="x"), status=CampaignStatus.SENDING)
    end = days_ahead(3)
    tell_account("ACCOUNT_RESTRICTION", **restriction(end))
    assert [c.pause_reason for c in (campaign, other)] == [PauseReason.ACCOUNT_BLOCKED] * 2
    assert campaign.resumes_at == campaign.channel.restricted_until == end
    assert blocked(campaign.channel)


def test_a_restriction_that_has_run_out_stops_nothing(campaign: Campaign) -> None:
    tell_account("ACCOUNT_RESTRICTION", **restriction(T + timedelta(hours=1)))
    assert (campaign.status, blocked(campaign.channel)) == (CampaignStatus.SENDING, None)


def test_a_ban_on_adding_numbers_is_only_an_alert(campaign: Campaign) -> None:
    tell_account("ACCOUNT_RESTRICTION", **restriction(days_ahead(3), "RESTRICTED_ADD_PHONE_NUMBER_ACTION"))
    assert (campaign.status, len(titles())) == (CampaignStatus.SENDING, 1)


@pytest.mark.parametrize("odd", [{}, {"restriction_info": None}, {"restriction_info": [{"expiration": "soon"}]}])
def test_a_restriction_we_cannot_read_stops_everything(campaign: Campaign, odd: dict[str, Any]) -> None:
    tell_account("ACCOUNT_RESTRICTION", **odd)
    assert campaign.pause_reason is PauseReason.ACCOUNT_BLOCKED
    assert campaign.channel.restricted_until is None


@pytest.mark.parametrize(
    "back", [("ACCOUNT_RECONNECTED", {}), ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "REINSTATE"}})]
)
def test_a_disabled_account_goes_on_when_it_is_back(campaign: Campaign, back: tuple[str, dict[str, Any]]) -> None:
    tell_account("DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"})
    assert campaign.pause_reason is PauseReason.ACCOUNT_BLOCKED
    rings = tell_account(back[0], 5, **back[1])
    assert (campaign.status, blocked(campaign.channel)) == (CampaignStatus.SENDING, None)
    assert [ring.args for ring in rings] == [(campaign.id,)]
    assert titles() == []


def test_a_reinstatement_that_comes_first_wins_over_the_older_ban(campaign: Campaign) -> None:
    tell_account("DISABLED_UPDATE", 5, ban_info={"waba_ban_state": "REINSTATE"})
    tell_account("DISABLED_UPDATE", ban_info={"waba_ban_state": "DISABLE"})
    assert (campaign.status, blocked(campaign.channel)) == (CampaignStatus.SENDING, None)


def test_a_campaign_stopped_twice_goes_on_when_both_reasons_are_gone(campaign: Campaign) -> None:
    tell_account("ACCOUNT_OFFBOARDED")
    tell_status(campaign.template, "PAUSED", 1)
    tell_account("ACCOUNT_RECONNECTED", 2)
    assert campaign.status is CampaignStatus.PAUSED
    tell_status(campaign.template, "APPROVED", 3)
    assert campaign.status is CampaignStatus.SENDING


def test_a_rejected_review_stops_and_an_approved_one_lets_go_on(campaign: Campaign) -> None:
    tell("account_review_update", decision="REJECTED")
    assert campaign.pause_reason is PauseReason.ACCOUNT_BLOCKED
    tell("account_review_update", 5, decision="APPROVED")
    assert campaign.status is CampaignStatus.SENDING


def test_metas_own_alert_stands_until_meta_takes_it_back(channel: Channel) -> None:
    info = {
        "alert_severity": "CRITICAL",
        "alert_status": "ACTIVE",
        "alert_type": "OBA_REVIEW",
        "alert_description": "x",
    }
    tell("account_alerts", entity_type="PHONE_NUMBER", entity_id=1, alert_info=info)
    assert titles() == ["Meta's alert: oba review."]
    tell("account_alerts", 5, entity_type="PHONE_NUMBER", entity_id=1, alert_info=info | {"alert_status": "NONE"})
    assert titles() == []


def test_errors_beside_messages_are_an_alert(channel: Channel) -> None:
    errors = [{"code": 131042, "message": "Payment", "error_data": {"details": "No card"}}]
    tell("messages.errors", metadata={"phone_number_id": channel.phone_number_id}, errors=errors)
    assert titles() == ["Meta reports: Meta could not charge for messages."]


def test_a_payment_configuration_that_needs_somebody_is_an_alert(channel: Channel) -> None:
    tell("payment_configuration_update", configuration_name="rzp", status="Needs Testing")
    assert titles() == ["The payment configuration rzp: needs testing."]
    tell("payment_configuration_update", 5, configuration_name="rzp", status="Active")
    assert titles() == []


# What nobody expects

ODD: list[Any] = [None, True, 7, -1, "", "\x00", "\ud800", "x" * 5000, [], [None], {}, {"a": {"b": []}}, 10**30]


@pytest.mark.parametrize("field", sorted(HANDLERS))
def test_odd_values_break_nothing(campaign: Campaign, field: str) -> None:
    names = [
        *(
            "event",
            "decision",
            "status",
            "new_quality_score",
            "new_category",
            "correct_category",
            "message_template_id",
        ),
        *("message_template_name", "restriction_info", "ban_info", "alert_info", "errors", "rejection_info", "flow_id"),
        *("category_update_timestamp", "display_phone_number", "configuration_name", "other_info", "disable_info"),
        *("max_daily_conversations_per_business", "waba_info", "metadata", "disconnection_info", "violation_info"),
    ]
    for odd in ODD:
        tell(field, **dict.fromkeys(names, odd))
        tell(field, **(dict.fromkeys(names, odd) | {"event": "ACCOUNT_RESTRICTION", "message_template_id": 5}))
    db.session.commit()


def test_a_field_we_do_not_know_has_no_effect(channel: Channel) -> None:
    assert tell("horoscope", event="LEO") == []
    assert titles(is_open=False) == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora of example webhooks are not here")
def test_every_account_update_of_the_corpus_is_understood(channel: Channel) -> None:
    envelopes = json.loads((CORPUS / "account_update.json").read_text())
    for name, envelope in envelopes.items():
        told = len(titles(is_open=False))
        tell_account(**envelope["entry"][0]["changes"][0]["value"], minute=1, waba=WABA)
        assert len(titles(is_open=False)) > told or name == "partner_removed_wa_app_disconnection", name
    assert len(envelopes) == 17


# Through the real door


def post(client: FlaskClient, field: str, value: dict[str, Any], at: datetime = T) -> None:
    change = {"field": field, "value": value}
    entry = {"id": WABA, "time": int(at.timestamp()), "changes": [change]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signed = hmac.new(b"sandbox-app-secret", body, hashlib.sha256).hexdigest()
    answer = client.post("/webhooks/whatsapp", data=body, headers={"X-Hub-Signature-256": f"sha256={signed}"})
    assert answer.status_code == 200
    digest_events()
    db.session.expire_all()


def test_a_pause_that_meta_posts_stops_the_campaign(client: FlaskClient, campaign: Campaign) -> None:
    db.session.commit()
    value = {"event": "PAUSED", "message_template_id": int(campaign.template.meta_id or 0)}
    post(client, "message_template_status_update", value)
    assert (campaign.template.status, campaign.pause_reason) == ("PAUSED", PauseReason.TEMPLATE_PAUSED)
    assert db.session.scalars(select(TemplateEvent)).one().at == T


def test_a_limit_that_meta_posts_is_the_channels(client: FlaskClient, channel: Channel) -> None:
    db.session.commit()
    post(client, "business_capability_update", {"max_daily_conversations_per_business": 2000})
    assert channel.tier == "TIER_2K"
