"""Erasing a person: no trace of them in any column, file or log; what belongs to others and to the books stays."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.campaigns.models import Recipient, RecipientState, SkipReason
from app.campaigns.service import recount
from app.customers.imports import leases, merging, reading, registry
from app.customers.imports.models import ImportFault, ImportStatus
from app.customers.jobs.erasures import erase_on, ring_for_erasures
from app.customers.models import Customer, Sale
from app.customers.privacy import erasure, sweep
from app.customers.privacy.models import Erasure
from app.customers.privacy.person import person_at
from app.customers.service import suppression
from app.extensions import db, redis_connection
from app.messaging.engine import guard, receipts
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.models import LimitContact, Message, MessageState
from app.shared import queues
from app.storage import files
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.customers.imports import people_files
from tests.customers.people import EMAIL, NAME, NATIONAL, OTHER, PHONE, USER, known_everywhere, places_of, traces, wamid


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    """Zarina, whom every room knows, and Bina, who knows Zarina."""
    return known_everywhere(cast.alice)


def erase(world: SimpleNamespace) -> Erasure:
    begun = erasure.erase(world.customer, None)
    db.session.commit()
    erase_on(begun.id)
    db.session.expire_all()
    return begun


def test_the_search_finds_the_person_in_every_room(world: SimpleNamespace) -> None:
    found = {place.split(".")[0] for places in traces().values() for place in places}
    assert found >= {
        *("customers", "customer_notes", "consent_entries", "sales", "recipients", "messages", "stray_statuses"),
        *("imports", "import_errors", "import_changes", "webhook_events", "alerts", "audit_entries", "limit_contacts"),
    }


def test_it_leaves_no_trace_in_any_column(world: SimpleNamespace) -> None:
    begun = erase(world)
    assert traces() == {}
    assert (begun.person, begun.finished_at is not None) == (None, True)


def test_it_leaves_no_trace_in_uploaded_files(world: SimpleNamespace) -> None:
    erase(world)
    with files.open_file(world.import_.file_key) as stream:
        assert stream.read() == b"Name,Phone,City\n\nBina,9800000077,Pune\n"


def test_through_redis_travels_nothing_but_an_id(world: SimpleNamespace) -> None:
    begun = erasure.erase(world.customer, None)
    db.session.commit()
    ring_for_erasures()
    assert [job.args for job in queues.queue(queues.SYNC).jobs] == [(begun.id,)]
    assert not [key for key in redis_connection().scan_iter() if NATIONAL.encode() in key]


def test_sales_stay_without_the_person(world: SimpleNamespace) -> None:
    erase(world)
    sale = db.session.scalars(select(Sale)).one()
    assert (sale.customer_id, sale.amount, sale.category) == (None, Decimal("52000.50"), "Bali")


def test_the_figures_of_campaigns_still_equal_their_rows(world: SimpleNamespace) -> None:
    before = db.session.scalar(select(func.count(Message.responded_at)))
    erase(world)
    assert recount.differences() == []
    assert db.session.scalar(select(func.count(Message.responded_at))) == before


def test_who_was_to_be_written_to_is_not(world: SimpleNamespace) -> None:
    erase(world)
    for recipient in (world.waiting, world.bare):
        assert (recipient.state, recipient.skip_reason) == (RecipientState.SKIPPED, SkipReason.SUPPRESSED)
    states = set(db.session.scalars(select(Message.state).where(Message.direction == "out")))
    assert MessageState.CREATED not in states


def test_others_keep_what_is_theirs(world: SimpleNamespace) -> None:
    erase(world)
    assert (world.other.phone, world.other.name, world.other.attributes["code"]) == (OTHER, "Bina", "A-1")
    assert (world.bina.phone, world.bina.variables) == (OTHER, {"Friend": "[erased]", "City": "Goa"})
    said = db.session.scalars(select(Message).where(Message.customer_id == world.other.id)).one()
    assert (said.body, said.wamid, said.raw) == ("Ask [erased]!", "wamid.other", {"type": "contacts", "contacts": []})
    originals = db.session.scalars(select(ImportFault.original).order_by(ImportFault.row_number)).all()
    assert originals == ["", "Bina,12,Pune"]


def test_of_a_webhook_only_their_part_goes(world: SimpleNamespace) -> None:
    erase(world)
    mixed = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id).limit(1)).one()
    assert OTHER[1:].encode() in mixed.body
    assert b"is nice" in mixed.body


def test_a_status_replayed_afterwards_still_finds_its_message(world: SimpleNamespace) -> None:
    erase(world)
    read = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).all()[1]
    assert world.sent.wamid.encode() in read.body
    assert str(world.sent.public_id).encode() in read.body


def test_the_places_under_the_limit_stay_taken(world: SimpleNamespace) -> None:
    erase(world)
    assert guard.usage("300000000000001", None).used == 2
    assert OTHER in set(db.session.scalars(select(LimitContact.contact)))


def test_an_answer_that_comes_late_brings_no_number_back(world: SimpleNamespace) -> None:
    world.sent.state, world.sent.wamid = MessageState.SENDING, None
    db.session.commit()
    erase(world)
    receipts.record_outcomes([Outcome(world.sent.id, Verdict.ACCEPTED, wamid=wamid(PHONE))])
    db.session.commit()
    assert world.sent.state is MessageState.ACCEPTED
    assert traces() == {}


def test_they_are_suppressed_by_number_and_id(world: SimpleNamespace) -> None:
    erase(world)
    assert suppression.is_suppressed(PHONE)
    assert suppression.is_suppressed(USER)
    assert not suppression.is_suppressed(OTHER)


def test_a_second_time_it_changes_nothing(world: SimpleNamespace) -> None:
    erase(world)
    again = erasure.erase_person(person_at(PHONE), None)
    db.session.commit()
    erase_on(again.id)
    assert traces() == {}
    assert recount.differences() == []
    assert guard.usage("300000000000001", None).used == 2


def test_somebody_of_a_list_who_is_no_customer_can_be_erased(world: SimpleNamespace) -> None:
    number = "+919800000099"
    factories.make_recipients(world.campaign, 1, first_phone=int(number[1:]), position=9, name="Ravi")
    begun = erasure.erase_person(person_at("98000 00099"), None)
    db.session.commit()
    erase_on(begun.id)
    assert suppression.is_suppressed(number)
    assert places_of(number[3:]) == []


@pytest.mark.parametrize("dies_at", range(0, 24, 3))
def test_killed_anywhere_and_begun_again_the_end_is_the_same(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    begun = erasure.erase(world.customer, None)
    db.session.commit()
    for step in range(10_000):
        taken = erasure.take_step(begun.id)
        if taken is None:
            break
        if step == dies_at:
            db.session.rollback()
            erasure.take_step(begun.id)
            db.session.rollback()
        else:
            db.session.commit()
    assert traces() == {}
    assert begun.finished_at is not None
    assert recount.differences() == []


def test_who_comes_back_meanwhile_is_not_touched(world: SimpleNamespace) -> None:
    begun = erasure.erase(world.customer, None)
    db.session.commit()
    back = factories.make_customer(phone=PHONE, name="Zarina again", marketing_opt_in=False)
    db.session.commit()
    erase_on(begun.id)
    db.session.expire_all()
    assert (back.phone, back.name) == (PHONE, "Zarina again")


def test_a_number_they_had_before_goes_too(app: Flask) -> None:
    channel, old = factories.make_channel(), "+919811111111"
    customer = factories.make_customer(phone=PHONE)
    db.session.add(
        Message(channel_id=channel.id, customer_id=customer.id, type="text", phone=old, state=MessageState.ACCEPTED)
    )
    other = factories.make_customer(name="Bina", attributes={"friend": "98111 11111"})
    db.session.commit()
    begun = erasure.erase(customer, None)
    db.session.commit()
    erase_on(begun.id)
    db.session.refresh(other)
    assert other.attributes == {"friend": "[erased]"}
    assert not suppression.is_suppressed(old)  # it may be somebody else's by now


def test_an_email_that_another_customer_has_too_stays_theirs(app: Flask) -> None:
    customer = factories.make_customer(phone=PHONE, email=EMAIL)
    other = factories.make_customer(email=EMAIL)
    db.session.commit()
    begun = erasure.erase(customer, None)
    db.session.commit()
    erase_on(begun.id)
    db.session.refresh(other)
    assert other.email == EMAIL
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1


def test_who_logs_in_with_the_same_address_still_can(app: Flask, cast: SimpleNamespace) -> None:
    """The owner tries the house with herself for a customer."""
    customer = factories.make_customer(phone=PHONE, name="Alice Shah", email=cast.alice.email)
    cast.alice.name = "Alice Shah"
    db.session.commit()
    begun = erasure.erase(customer, None)
    db.session.commit()
    erase_on(begun.id)
    db.session.refresh(cast.alice)
    assert (cast.alice.email, cast.alice.name) == ("alice@example.com", "Alice Shah")


@pytest.mark.parametrize(("name", "stays"), [("Zarina", True), ("Zarina Quux", False), ("Bina Shah", True)])
def test_a_full_name_that_nobody_else_has_goes_from_the_words_of_others(app: Flask, name: str, stays: bool) -> None:
    customer = factories.make_customer(phone=PHONE, name=name)
    factories.make_customer(name="bina shah")
    other = factories.make_customer(attributes={"friend": f"my friend {name.upper()}"})
    db.session.commit()
    begun = erasure.erase(customer, None)
    db.session.commit()
    erase_on(begun.id)
    db.session.refresh(other)
    assert (name.upper() in other.attributes["friend"]) is stays


def test_every_page_can_still_be_looked_at(world: SimpleNamespace, cast: SimpleNamespace, client: FlaskClient) -> None:
    erase(world)
    people = select(Recipient.id).where(Recipient.campaign_id == world.campaign.id)
    events = db.session.scalars(select(WebhookEvent.public_id)).all()
    campaign = f"/campaigns/{world.campaign.public_id}"
    paths = [campaign, f"{campaign}/people", f"{campaign}/people.csv", "/limit", "/limit/single", "/webhooks"]
    paths += [f"{campaign}/people/{number}" for number in db.session.scalars(people)]
    paths += [f"/webhooks/{event}" for event in events]
    paths += ["/customers", "/alerts", "/audit", f"/imports/{world.import_.public_id}/errors.csv"]
    factories.login(client, cast.alice)
    found = {path: _looked_at(client, path) for path in paths}
    assert {path: status for path, (status, _) in found.items() if status != 200} == {}
    assert not [path for path, (_, words) in found.items() if NATIONAL in words or NAME in words]


def _looked_at(client: FlaskClient, path: str) -> tuple[int, str]:
    """Read to its end at once: some answers are streamed."""
    answer = client.get(path)
    return answer.status_code, answer.text


def test_an_import_under_way_brings_nobody_back(app: Flask) -> None:
    rows = "".join(f"+9197{number:08d},A{number}\n" for number in range(3))
    import_ = people_files.started(f"Phone,Name\n{rows}{PHONE},{NAME}\n", {"0": "phone", "1": "name"})
    kind = registry.kind_of(import_)
    claimed = leases.claim(import_.id, ImportStatus.IMPORTING)
    assert claimed is not None
    [chunk] = reading.chunks(claimed, kind.reader(claimed))  # read before, brought in after
    db.session.commit()
    begun = erasure.erase_person(person_at(PHONE), None)
    db.session.commit()
    erase_on(begun.id)
    assert erasure.unfinished() == [begun.id]
    assert merging.take(import_.id, kind, 0, chunk)
    assert merging.finish(import_.id, chunk.last_row)
    db.session.commit()
    while ids := erasure.unfinished():
        erase_on(ids[0])
    db.session.expire_all()
    assert traces() == {}
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 3
