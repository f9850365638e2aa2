"""A conversation as it is read: in its order, with what became of each message, and page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.channels.models import Channel
from app.customers.models import Customer
from app.extensions import db
from app.messaging import queries
from app.messaging.bubbles import Bubble, bubbles, fate_of
from app.messaging.models import Conversation, Direction, Message, MessageState, Rank
from tests import factories
from tests.factories import login
from tests.webhooks.digesting import ASHA, digest, inbound, preference, tap, wrote

IST = ZoneInfo("Asia/Kolkata")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def channel(app: Flask) -> Channel:
    made: Channel = factories.make_channel()
    db.session.commit()
    return made


@pytest.fixture
def asha(channel: Channel) -> Customer:
    made: Customer = factories.make_customer(phone=f"+{ASHA}", name="Asha")
    db.session.commit()
    return made


def campaign_message(asha: Customer, **columns: Any) -> Message:
    """A campaign's message that reached her ten minutes ago."""
    message: Message = factories._add(
        Message(
            **{
                "channel_id": db.session.scalars(select(Channel.id)).one(),
                "customer_id": asha.id,
                "campaign_id": 7,
                "type": "template",
                "phone": asha.phone,
                "body": "Hi Asha, Goa is green again.",
                "wamid": "wamid.out.1",
                "state": MessageState.ACCEPTED,
                "rank": Rank.DELIVERED,
                "created_at": NOW - timedelta(minutes=10),
            }
            | columns
        )
    )
    db.session.commit()
    return message


def said(asha: Customer, number: int, **columns: Any) -> list[UUID]:
    """So many texts of hers, a minute apart."""
    channel_id = db.session.scalars(select(Channel.id)).one()
    facts = {"channel_id": channel_id, "customer_id": asha.id, "direction": Direction.IN, "type": "text"}
    facts |= {"state": MessageState.RECEIVED} | columns
    rows = [Message(**facts, body=f"No {n}", sent_at=NOW - timedelta(minutes=200 - n)) for n in range(number)]
    db.session.add_all(rows)
    db.session.commit()
    return [row.public_id for row in rows]


def shown(customer: Customer) -> list[Bubble]:
    return bubbles(queries.thread(customer).lines, IST)


def test_it_stands_in_the_order_in_which_it_was_said(asha: Customer) -> None:
    campaign_message(asha)
    later, earlier = inbound(when=NOW, words="second"), inbound(when=NOW - timedelta(minutes=1), words="first")
    digest(wrote(later))
    digest(wrote(earlier))
    assert [bubble.content.line[:9] for bubble in shown(asha)] == ["Hi Asha, ", "first", "second"]


def test_within_one_second_it_stands_as_it_came(asha: Customer) -> None:
    digest(wrote(inbound(when=NOW, words="Namaste"), inbound(when=NOW, words="Is Goa green?")))
    assert [bubble.content.line for bubble in shown(asha)] == ["Namaste", "Is Goa green?"]


def test_a_tap_quotes_what_it_answers(asha: Customer) -> None:
    message = campaign_message(asha)
    digest(wrote(tap("Show plans", context={"id": message.wamid})))
    ours, theirs = shown(asha)
    assert (theirs.content.label, theirs.quote, theirs.is_quoted) == ("Tapped “Show plans”", message.body, True)
    assert (ours.kind, ours.deeds) == ("Campaign", ("Responded", "Tapped"))


def test_an_answer_without_a_quote_says_what_it_counts_for(asha: Customer) -> None:
    campaign_message(asha)
    digest(wrote(inbound()))
    assert (shown(asha)[-1].quote, shown(asha)[-1].is_quoted) == ("Hi Asha, Goa is green again.", False)


def test_what_it_counts_for_is_said_once(asha: Customer) -> None:
    campaign_message(asha)
    digest(wrote(inbound(when=NOW), inbound(when=NOW, words="Hello?")))
    digest(preference("stop", NOW))
    assert [bool(bubble.quote) for bubble in shown(asha)] == [False, True, False, False]


def test_a_stop_stands_in_line_with_its_confirmation(asha: Customer) -> None:
    campaign_message(asha)
    digest(wrote(inbound(words="STOP")))
    ours, stop, confirmation = shown(asha)
    assert stop.consent is False
    assert ours.deeds == ("Responded", "Opted out")
    assert (confirmation.is_ours, confirmation.quote) == (True, "STOP")


def test_signs_and_news_are_notes(asha: Customer) -> None:
    message = campaign_message(asha)
    digest(wrote(inbound("reaction", NOW, reaction={"message_id": message.wamid, "emoji": "👍"})))
    digest(preference("stop", NOW))
    notes = [bubble for bubble in shown(asha) if bubble.is_note]
    assert [note.content.label for note in notes] == [
        "Reacted with 👍",
        "Stopped marketing messages in WhatsApp’s settings",
    ]
    assert notes[0].quote == message.body


def test_an_edit_and_a_message_taken_back_are_marked(asha: Customer) -> None:
    first, second = inbound(words="Two rooms"), inbound(words="Oops")
    changed = {"original_message_id": first["id"], "message": {"type": "text", "text": {"body": "Three rooms"}}}
    digest(wrote(first, second))
    digest(wrote(inbound("edit", edit=changed), inbound("revoke", revoke={"original_message_id": second["id"]})))
    edited, gone = [bubble for bubble in shown(asha) if not bubble.is_note]
    assert (edited.content.words, edited.is_edited) == ("Three rooms", True)
    assert gone.content.label == "The customer took this message back"


def test_what_is_said_in_a_group_is_not_said_to_us(asha: Customer) -> None:
    digest(wrote(inbound(words="All of you!", group_id="group-1")))
    assert shown(asha) == []


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"state": MessageState.CREATED}, "Waits to be sent"),
        ({"state": MessageState.SENDING}, "Being sent"),
        ({"state": MessageState.ACCEPTED, "rank": Rank.NONE}, "Sent"),
        ({"state": MessageState.ACCEPTED, "rank": Rank.DELIVERED}, "Delivered"),
        ({"state": MessageState.ACCEPTED, "rank": Rank.READ}, "Read"),
        ({"state": MessageState.ACCEPTED, "rank": Rank.FAILED, "error_code": 131026}, "Failed"),
        ({"state": MessageState.FAILED, "rank": Rank.FAILED, "error_code": 131049}, "Failed"),
        ({"state": MessageState.UNCONFIRMED}, "Unconfirmed"),
    ],
)
def test_it_says_what_became_of_a_message_of_ours(columns: dict[str, Any], word: str) -> None:
    fate = fate_of(Message(**{"rank": Rank.NONE} | columns))
    assert fate.word == word
    assert bool(fate.sentence and fate.hint) == (word in ("Failed", "Unconfirmed"))


def test_a_reason_of_our_own_is_told_in_its_own_words() -> None:
    message = Message(state=MessageState.FAILED, rank=Rank.NONE, error_code=-1, error_message="Meta restricts us.")
    assert fate_of(message).sentence == "Meta restricts us."


def test_it_is_read_page_by_page(asha: Customer) -> None:
    ids = said(asha, queries.PAGE + 5)
    latest = queries.thread(asha)
    earlier = queries.thread(asha, latest.first)
    assert [line.message.public_id for line in earlier.lines + latest.lines] == ids
    assert (latest.has_earlier, earlier.has_earlier) == (True, False)


def test_what_came_since_goes_on_where_the_page_began(asha: Customer) -> None:
    said(asha, queries.PAGE + 5)
    first = queries.thread(asha).first
    said(asha, 3)
    assert first is not None
    since = queries.thread_since(asha, first)
    assert (len(since.lines), since.first) == (queries.PAGE + 3, first)


@pytest.fixture
def vera(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.vera)


def test_the_page_says_that_nothing_was_said(vera: FlaskClient, asha: Customer) -> None:
    page = vera.get(f"/customers/{asha.public_id}/conversation").text
    assert "Nothing was said yet" in page
    assert "only message templates may be sent, until they write" in page


@pytest.mark.parametrize(("hours", "words"), [(20, "You can write freely until"), (-1, "may be sent, since")])
def test_the_page_says_how_long_one_may_write_freely(
    vera: FlaskClient, channel: Channel, asha: Customer, hours: int, words: str
) -> None:
    closes = NOW + timedelta(hours=hours)
    db.session.add(Conversation(channel_id=channel.id, customer_id=asha.id, window_expires_at=closes))
    db.session.commit()
    assert words in vera.get(f"/customers/{asha.public_id}/conversation").text


def test_htmx_gets_the_part_alone_and_earlier_ones_on_demand(vera: FlaskClient, asha: Customer) -> None:
    said(asha, queries.PAGE + 1)
    address = f"/customers/{asha.public_id}/conversation"
    part = vera.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "No 0" not in part
    first = queries.thread(asha).first
    assert "No 0" in vera.get(f"{address}/earlier?before={first}").text
    assert vera.get(f"{address}/earlier?before=nonsense").status_code == 404


def test_what_customers_write_is_never_markup(vera: FlaskClient, asha: Customer) -> None:
    digest(wrote(inbound(words="<img src=x onerror=alert(1)> *bold*")))
    page = vera.get(f"/customers/{asha.public_id}/conversation/live").text
    assert "<img" not in page
    assert "<strong>bold</strong>" in page


def test_a_strangers_conversation_is_missing(vera: FlaskClient, channel: Channel) -> None:
    assert vera.get(f"/customers/{UUID(int=1)}/conversation").status_code == 404


def test_the_customers_page_asks_for_it_and_renews_the_ledger(vera: FlaskClient, asha: Customer) -> None:
    page = vera.get(f"/customers/{asha.public_id}").text
    assert f'hx-get="/customers/{asha.public_id}/conversation"' in page
    digest(wrote(inbound(words="STOP")))
    news = vera.get(f"/customers/{asha.public_id}/live").text
    assert "opted out" in news
    assert "Wrote on WhatsApp: “STOP”" in news
