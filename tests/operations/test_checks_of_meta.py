"""What the doctor hears from Meta: each odd answer is found, with its cure; what Meta does not tell has no finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses
from flask import Flask

from app.channels.jobs import refresh_channel
from app.channels.models import Channel
from app.extensions import db
from app.operations.checks import account, clocks, number, table, token, webhook
from app.operations.checks.findings import Finding, Level
from app.operations.checks.interview import Told, interview
from app.shared import clock
from tests import factories

GRAPH = "https://graph.test"
SCOPES = ["whatsapp_business_messaging", "whatsapp_business_management", "catalog_management"]
REFUSED = {"error": {"code": 100, "message": "(#100) Unsupported get request."}}
NODES: dict[str, tuple[str, dict[str, Any]]] = {
    "number": (
        "100000000000001",
        {
            "display_phone_number": "+91 22 6900 1234",
            "status": "CONNECTED",
            "name_status": "APPROVED",
            "quality_rating": "GREEN",
            "throughput": {"level": "STANDARD"},
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "health_status": {"can_send_message": "AVAILABLE"},
        },
    ),
    "account": ("200000000000001", {"account_review_status": "APPROVED"}),
    "apps": (
        "200000000000001/subscribed_apps",
        {"data": [{"whatsapp_business_api_data": {"id": "77", "name": "Bulbul", "link": "https://example.test"}}]},
    ),
    "token": ("debug_token", {"is_valid": True, "app_id": "77", "type": "SYSTEM_USER", "scopes": SCOPES}),
}
Ask = Callable[..., Told]


@pytest.fixture
def ask(connected: Channel, change_settings) -> Ask:
    """Asks a Meta that answers as NODES say; parts of a node can be said otherwise, or a node refused (None)."""
    connected.tier = "TIER_2K"
    db.session.commit()
    change_settings(graph_url=GRAPH)

    def ask(ahead: timedelta | None = timedelta(0), **said: dict[str, Any] | None) -> Told:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as meta:
            for name, (path, usual) in NODES.items():
                node = usual | (said.get(name) or {})
                body = REFUSED if name in said and said[name] is None else {"data": node} if name == "token" else node
                meta.get(f"{GRAPH}/v26.0/{path}", json=body, status=400 if body is REFUSED else 200)
            date = {} if ahead is None else {"Date": format_datetime(clock.now() + ahead)}
            meta.get(GRAPH, status=400, headers=date)
            told = interview()
        assert told is not None
        return told

    return ask


def in_seconds(days: float) -> int:
    return int((clock.now() + timedelta(days=days)).timestamp())


def test_it_finds_a_healthy_account_well(ask: Ask) -> None:
    told = ask()
    found = [token.access_token(told), webhook.subscription(told), *(check(told) for check in table.OF_META)]
    assert [finding for finding in found if finding is None or finding.level is not Level.OK or finding.fix] == []


@pytest.mark.parametrize(
    ("check", "said", "level", "words"),
    [
        (token.access_token, {"token": {"is_valid": False}}, Level.BAD, "no longer valid"),
        (token.access_token, {"number": None}, Level.BAD, "Check WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_ID."),
        (token.token_kind, {"token": {"type": "USER"}}, Level.WARN, "“user”"),
        (token.token_kind, {"token": None}, Level.WARN, "Meta tells nothing of the token"),
        (token.permissions, {"token": {"scopes": SCOPES[1:]}}, Level.BAD, "lacks whatsapp_business_messaging."),
        (token.permissions, {"token": {"scopes": []}}, Level.BAD, "messaging and whatsapp_business_management"),
        (token.permissions, {"token": {"scopes": SCOPES[:2]}}, Level.OK, "make the token anew with catalog_management"),
        (token.expiry, {"token": {"expires_at": in_seconds(6.9)}}, Level.WARN, "ends in 6 days"),
        (token.expiry, {"token": {"expires_at": in_seconds(7.1)}}, Level.OK, "ends in 7 days"),
        (token.expiry, {"token": {"expires_at": in_seconds(-3)}}, Level.BAD, "ended 3 days ago"),
        (number.number_status, {"number": {"status": "BANNED"}}, Level.BAD, "Banned."),
        (number.number_status, {"number": {"status": "FLAGGED"}}, Level.WARN, "Flagged."),
        (number.number_status, {"number": {"status": "ON_THE_MOON"}}, Level.WARN, "ON_THE_MOON"),
        (number.display_name, {"number": {"name_status": "DECLINED"}}, Level.BAD, "Choose another display name"),
        (number.display_name, {"number": {"name_status": "PENDING_REVIEW"}}, Level.OK, "Being reviewed."),
        (number.quality, {"number": {"quality_rating": "YELLOW"}}, Level.WARN, "Write to fewer people"),
        (number.quality, {"number": {"quality_rating": "RED"}}, Level.BAD, "Low."),
        (number.quality, {"number": {"quality_rating": "UNKNOWN"}}, Level.OK, "Not rated yet."),
        (number.throughput, {"number": {"throughput": {"level": "NOT_APPLICABLE"}}}, Level.BAD, "cannot send now"),
        (number.throughput, {"number": {"throughput": {"level": "HIGH"}}}, Level.OK, "1,000 messages"),
        (
            number.limit,
            {"number": {"whatsapp_business_manager_messaging_limit": "TIER_250"}},
            Level.WARN,
            "Read from Meta now",
        ),
        (account.review, {"account": {"account_review_status": "REJECTED"}}, Level.BAD, "rejected"),
        (account.review, {"account": {"account_review_status": "PENDING"}}, Level.WARN, "still reviews"),
        (account.review, {"account": None}, Level.BAD, "Check WHATSAPP_BUSINESS_ACCOUNT_ID."),
        (webhook.subscription, {"apps": {"data": []}}, Level.BAD, "No app is subscribed"),
        (webhook.subscription, {"token": {"app_id": "78"}}, Level.BAD, "Not our app (78)"),
        (webhook.subscription, {"apps": None}, Level.BAD, "does not say"),
    ],
)
def test_it_finds(ask: Ask, check: Callable[[Told], Finding | None], said: Any, level: Level, words: str) -> None:
    finding = check(ask(**said))
    assert finding is not None
    assert finding.level is level
    assert words in f"{finding.sentence} {finding.fix}"


@pytest.mark.parametrize(("health", "level"), [("LIMITED", Level.WARN), ("BLOCKED", Level.BAD)])
def test_it_tells_metas_reasons_against_sending(ask: Ask, health: str, level: Level) -> None:
    entities = [{"entity_type": "WABA", "errors": [{"error_code": 141006, "error_description": "No payment method."}]}]
    finding = number.sending(ask(number={"health_status": {"can_send_message": health, "entities": entities}}))
    assert finding.level is level
    assert "No payment method." in finding.sentence


def test_it_finds_a_speed_that_meta_will_not_take(ask: Ask, connected: Channel) -> None:
    connected.messages_per_second = 200
    db.session.commit()
    assert number.throughput(ask()).fix == "Set the channel's speed to 80 or less."


def test_it_finds_a_limit_above_what_meta_allows(ask: Ask, change_settings) -> None:
    change_settings(daily_limit=5_000)
    assert number.limit(ask()).fix == "Set WHATSAPP_DAILY_LIMIT to 2000 or less, or unset it."


def test_it_finds_a_business_without_a_tier(ask: Ask, connected: Channel) -> None:
    connected.tier = "UNTIERED"
    db.session.commit()
    finding = number.limit(ask(number={"whatsapp_business_manager_messaging_limit": "UNTIERED"}))
    assert finding.fix == "Verify the business in Meta's Business settings."


@pytest.mark.parametrize(("ahead", "words"), [(10, "10 minutes behind Meta"), (-10, "10 minutes ahead of Meta")])
def test_it_finds_a_clock_that_is_not_metas(ask: Ask, ahead: int, words: str) -> None:
    assert words in clocks.clock_of_meta(ask(ahead=timedelta(minutes=ahead, seconds=3 if ahead > 0 else -3))).sentence


def test_it_says_nothing_of_what_meta_does_not_tell(ask: Ask) -> None:
    nothing = dict.fromkeys(("status", "name_status", "quality_rating", "throughput", "health_status"))
    told = ask(ahead=None, number=nothing, token=None, account={"account_review_status": None})
    of_token, of_number = (token.permissions, token.expiry, token.app), (number.number_status, number.quality)
    silent = (*of_token, *of_number, number.sending, account.review, clocks.clock_of_meta)
    assert [check(told) for check in silent] == [None] * len(silent)


def test_it_asks_a_silent_meta_only_once(nobody, connected: Channel) -> None:
    told = interview()
    assert list(told.failures) == ["number"]
    assert "could not be reached" in token.access_token(told).sentence
    assert [check(told) for check in table.OF_META] == [None] * len(table.OF_META)


def test_it_finds_an_expired_token(sandbox, connected: Channel) -> None:
    sandbox.control("PUT", "config", token_expired=True)
    finding = token.access_token(interview())
    assert finding.level is Level.BAD
    assert "token" in finding.sentence


def test_it_finds_no_channel(app: Flask) -> None:
    assert interview() is None
    assert token.access_token(None).fix == "Run: flask channels ensure"


def test_it_keeps_what_it_reads_of_the_token(sandbox, connected: Channel) -> None:
    refresh_channel(connected.id)
    assert connected.app_id
    assert set(SCOPES) <= set(connected.token_scopes)
    assert connected.token_expires_at is None


def test_it_says_that_the_sandbox_stands_in(app: Flask, change_settings) -> None:
    assert account.connection().level is Level.WARN
    change_settings(sandbox=False)
    assert account.connection().level is Level.OK


def test_it_finds_a_restriction_until_it_ends(app: Flask, connected: Channel) -> None:
    assert account.restriction() is None
    connected.restriction = "RESTRICTED_BIZ_INITIATED_MESSAGING"
    connected.restricted_until = clock.now() + timedelta(days=1)
    assert account.restriction().level is Level.BAD
    connected.restricted_until = clock.now() - timedelta(days=1)
    assert account.restriction() is None


def test_it_wants_a_template_to_send(app: Flask, connected: Channel) -> None:
    assert account.templates().sentence == "They have not been fetched from Meta yet."
    connected.templates_synced_at = clock.now()
    template = factories.make_template(connected, status="PAUSED")
    assert account.templates().sentence == "None is approved."
    template.status = "APPROVED"
    assert account.templates().sentence == "1 is approved."
    connected.templates_sync_error = "Meta could not be reached."
    assert account.templates().level is Level.BAD
