"""A person who came in by every door is erased from their page: nothing of them is left in any column of the database,
in any file, in Redis, or in any line that was ever logged, not even at DEBUG."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO
from shutil import rmtree
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app import config
from app.auth import tokens
from app.auth.models import User
from app.campaigns.jobs.populate import populate
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import CampaignStatus, Recipient
from app.customers.imports import service as imports
from app.customers.imports.models import Import, ImportKind
from app.customers.jobs import imports as import_doors
from app.customers.jobs.bulk import go_on
from app.customers.jobs.erasures import erase_on
from app.customers.models import BulkDeed, Customer, CustomerNote, Sale
from app.customers.privacy import sweep
from app.customers.privacy.models import Erasure
from app.customers.segments.models import Segment
from app.customers.service import bulk
from app.extensions import db
from app.messaging.models import Message
from app.shared import logs
from app.webhooks.inbox import the_inbox
from tests import factories
from tests.campaigns.lists import waiting_campaign
from tests.customers.searching import Wanted, everywhere, in_database, in_files
from tests.sandboxes import Sandbox
from tests.webhooks.digesting import body, digest, inbound, status, value, wrote

PHONE, DIGITS, NATIONAL = "+919812345678", "919812345678", "9812345678"
NAME, EMAIL, USER = "Zarina Quux", "zarina@example.org", "IN.13491208655302741918"
ZARINA = Wanted(NATIONAL, (NAME, EMAIL, USER))
HINDI = "९८१२३ ४५६७८"
PEOPLE = (
    f"Name,Phone,WhatsApp id,Email,City,Tags,Friend\n"
    f"{NAME},098123-45678,{USER},{EMAIL},Goa,vip,Bina\n"
    f"Bina,98000 00077,,bina@example.org,Pune,,{NAME}\n"
    f"Omar,98000 00078,,,Agra,,\n"
    f"{NAME},12345,,{EMAIL},Goa,,\n"
    f"{NAME},{HINDI},,,Goa,,\n"
)
SALES = f'Phone,Amount,Currency,Booked,Product,Booking\n{DIGITS},"52,000.50",INR,2026-10-04,Bali for {NAME},BK-1\n'
OPT_OUTS = f"Phone,Reason\n+91 98123 45678,{NAME} rang\n"
NAMING = (
    ("phone", "is", PHONE),
    ("name", "is", NAME),
    ("email", "is_any_of", [EMAIL]),
    ("phone", "contains", NATIONAL),
)


@dataclass
class World:
    """The addresses of what the doors made, and what was logged meanwhile."""

    client: FlaskClient
    token: str
    log: StringIO

    def call(self, method: str, path: str, **json_: object) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.token}"}
        app = self.client.application
        with app.app_context():
            answer = app.test_client().open(f"/api/whatsapp{path}", method=method, json=json_, headers=headers)
        assert answer.status_code < 300, answer.text
        return dict(answer.json or {})


@contextmanager
def everything_logged() -> Iterator[StringIO]:
    """All that our loggers and the libraries' say, at DEBUG, as it would stand on standard output."""
    root, written = logging.getLogger(), StringIO()
    before, level = root.handlers, root.level
    with redirect_stdout(written):
        logs.configure("DEBUG")
    try:
        yield written
    finally:
        root.handlers, root.level = before, level


def brought(kind: ImportKind, content: str, mapping: dict[str, str], **rules: object) -> Import:
    """The file uploaded, tried, and brought in, as the wizard does it."""
    upload = FileStorage(BytesIO(content.encode()), filename=f"{NAME} {NATIONAL}.csv")
    import_ = imports.receive_upload(upload, None, kind)
    imports.change_mapping(import_, mapping)
    imports.change_rules(import_, rules)
    imports.start_check(import_)
    db.session.commit()
    import_doors.check(import_.id)
    db.session.refresh(import_)
    imports.start(import_)
    db.session.commit()
    import_doors.run(import_.id)
    db.session.refresh(import_)
    assert import_.status == "imported", import_.error
    return import_


def import_all() -> None:
    columns = ("name", "phone", "user_id", "email", "city", "tags", "attribute:Friend")
    mapping = {str(index): field for index, field in enumerate(columns)}
    consent = {"wording": "These people agreed"}
    brought(ImportKind.CUSTOMERS, PEOPLE, mapping, region="IN", existing="update", consent=consent)
    again = PEOPLE.replace(",Goa,vip", ",Panaji,vip")
    brought(ImportKind.CUSTOMERS, again, mapping, region="IN", existing="update")
    sales = ("phone", "amount", "currency", "sold_at", "product", "external_id")
    brought(ImportKind.SALES, SALES, {str(i): field for i, field in enumerate(sales)}, region="IN")


def campaign_to_a_list() -> None:
    """Her number in a list; sent, delivered, read and answered."""
    content = f"Phone;Name;Who\n{DIGITS};{NAME};{EMAIL}\n98121 31026;Ravi;\n"
    import_ = imports.receive_upload(FileStorage(BytesIO(content.encode()), filename="list.csv"), None)
    db.session.commit()
    campaign = waiting_campaign(import_, template=factories.make_template())
    campaign.channel.messages_per_second = 1000
    db.session.commit()
    populate(campaign.id)
    campaign.status = CampaignStatus.SENDING
    db.session.commit()
    send_campaign(campaign.id)
    db.session.expire_all()
    message = db.session.scalars(select(Message).where(Message.phone == PHONE)).one()
    now = datetime.now(UTC)
    statuses = [status(message, "delivered", now, recipient_user_id=USER), status(message, "read", now)]
    digest(body(value(statuses=statuses)))
    words = f"I am {NAME}, write to {EMAIL}"
    digest(wrote(inbound(sender=DIGITS, from_user_id=USER, words=words, context={"id": message.wamid}), name=NAME))


def others_speak_of_her() -> None:
    """What Bina wrote, a post that cannot be digested, and one that is no JSON."""
    digest(wrote(inbound(sender="919800000077", words=f"Ask {NAME}: {HINDI} or {EMAIL}!"), name="Bina"))
    card = {"name": {"formatted_name": NAME}, "phones": [{"phone": "+91 98123 45678", "wa_id": DIGITS}]}
    digest(wrote(inbound("contacts", sender="919800000077", contacts=[card]), name="Bina"))
    digest(wrote(inbound("text", sender=DIGITS, text={"body": {"odd": NATIONAL}}, timestamp="never"), name=NAME))
    the_inbox().keep(f"no json {PHONE} {NAME}".encode(), "The body is no JSON.")


def the_team_and_programs(world: World, by: User) -> None:
    """A note, consent, segments that name her, a tag, a template message, a second sale, a bulk change."""
    customer = db.session.scalars(select(Customer).where(Customer.phone == PHONE)).one()
    bina = db.session.scalars(select(Customer).where(Customer.phone == "+919800000077")).one()
    hers, binas = f"/customers/{customer.public_id}", f"/customers/{bina.public_id}"
    world.call("PUT", hers, attributes={"whatsapp": int(NATIONAL), "float": float(DIGITS)})
    world.call("PUT", binas, attributes={"referred by": f"0{NATIONAL}", "number": float(NATIONAL)})
    yes = {"granted": True, "source": "shop", "wording": f"Yes, {NAME}", "evidence": {"mail": EMAIL}}
    world.call("POST", f"{hers}/consent", **yes)
    visa = {"phone": PHONE, "amount": "900", "currency": "INR", "sold_at": "2026-10-02T11:30:00+05:30"}
    world.call("POST", "/sales", product=f"Visa {NAME}", external_id=NATIONAL, **visa)
    conditions = [{"field": field, "operator": operator, "value": value} for field, operator, value in NAMING]
    query = {"logic": "OR", "conditions": conditions}
    world.call("POST", "/segments", name=f"{NAME} {PHONE}", description=f"Of {EMAIL}", query=query)
    world.client.post(f"{hers}/opt-out", data={"wording": f"{NAME} rang from {NATIONAL}"})
    world.client.post("/customers/suppressions", data={"add-address": PHONE, "add-reason": f"{NAME}, {EMAIL}"})
    world.client.get(f"{hers}/data.json")
    world.client.get(f"/customers?search={NATIONAL}")
    db.session.add(CustomerNote(customer_id=bina.id, body=f"Sister of {NAME.upper()}, 098123/45678", author_id=None))
    change = bulk.ask(BulkDeed.TAG, [Customer.phone == PHONE], by, [NAME.lower()])
    bulk.start(change, by)
    db.session.commit()
    go_on(change.id)


def live(sandbox: Sandbox, client: FlaskClient, cast: SimpleNamespace) -> Iterator[World]:
    factories.login(client, cast.alice)
    _, token = tokens.create(cast.alice, "CRM")
    db.session.commit()
    with everything_logged() as log:
        world = World(client, token, log)
        campaign_to_a_list()
        import_all()
        others_speak_of_her()
        the_team_and_programs(world, cast.alice)
        brought(ImportKind.OPT_OUTS, OPT_OUTS, {"0": "phone", "1": "reason"}, region="IN")
        yield world


@pytest.fixture
def world(sandbox: Sandbox, client: FlaskClient, cast: SimpleNamespace) -> Iterator[World]:
    """Begun without the files of other tests, of which no row tells any more."""
    rmtree(config.current().var_dir / "files", ignore_errors=True)
    yield from live(sandbox, client, cast)


def erase(world: World) -> None:
    """From her page, and the search to its end."""
    customer = db.session.scalars(select(Customer).where(Customer.phone == PHONE)).one()
    typed = {"confirmation": PHONE[-4:], "by_name": "y"}
    answer = world.client.post(f"/customers/{customer.public_id}/erase", data=typed)
    assert answer.status_code == 302
    erase_on(db.session.scalars(select(Erasure.id)).one())
    db.session.expire_all()


def test_before_she_is_found_everywhere(world: World) -> None:
    tables = {place.split(".")[0] for place in in_database(ZARINA)}
    assert tables >= {
        *("customers", "customer_notes", "consent_entries", "sales", "recipients", "messages", "segments", "imports"),
        *("import_errors", "import_changes", "webhook_events", "audit_entries", "limit_contacts", "suppressions"),
    }
    assert len(in_files(ZARINA)) >= 5


def test_afterwards_she_is_nowhere(world: World) -> None:
    erase(world)
    assert everywhere(ZARINA) == []


def test_no_line_of_the_log_ever_named_her(world: World) -> None:
    erase(world)
    lines = world.log.getvalue().splitlines()
    assert {json.loads(line)["event"] for line in lines} >= {"request", "import.finished", "erasure.finished"}
    assert [line for line in lines if ZARINA.is_in(line)] == []


def test_the_books_and_the_others_stay(world: World) -> None:
    erase(world)
    sales = db.session.scalars(select(Sale).order_by(Sale.amount)).all()
    assert [(sale.customer_id, str(sale.amount)) for sale in sales] == [(None, "900.0000"), (None, "52000.5000")]
    bina = db.session.scalars(select(Customer).where(Customer.phone == "+919800000077")).one()
    assert (bina.name, bina.email, bina.attributes["Friend"]) == ("Bina", "bina@example.org", "[erased]")
    assert db.session.scalars(select(Recipient.state).where(Recipient.phone == "+919812131026")).one() is not None


def test_a_segment_that_named_her_still_works_and_finds_nobody(world: World) -> None:
    erase(world)
    segment = db.session.scalars(select(Segment)).one()
    assert world.call("GET", f"/segments/{segment.public_id}")["id"] == str(segment.public_id)
    page = world.client.get(f"/segments/{segment.public_id}")
    assert page.status_code == 200, page.text


def test_undoing_the_import_afterwards_brings_nothing_back(world: World) -> None:
    erase(world)
    can_be_undone = Import.kind.in_(["customers", "sales"])
    for import_ in db.session.scalars(select(Import).where(can_be_undone).order_by(Import.id.desc())).all():
        imports.start_undo(import_)
        db.session.commit()
        import_doors.undo(import_.id)
        db.session.refresh(import_)
        assert import_.status == "undone"
    assert everywhere(ZARINA) == []


def test_bringing_the_cleaned_file_again_brings_nobody_back(world: World) -> None:
    erase(world)
    first = db.session.scalars(select(Import).where(Import.kind == "customers").order_by(Import.id).limit(1)).one()
    words = "".join(row.raw for row in imports.preview(first))
    assert "Omar" in words
    assert not ZARINA.is_in(words)


def test_many_at_once_leave_as_little(world: World, cast: SimpleNamespace) -> None:
    change = bulk.ask(BulkDeed.ERASE, [Customer.id.is_not(None)], cast.alice)
    bulk.start(change, cast.alice, str(change.total))
    db.session.commit()
    go_on(change.id)
    for erasure_id in db.session.scalars(select(Erasure.id)).all():
        erase_on(erasure_id)
    assert everywhere(ZARINA) == []
    assert everywhere(Wanted("9800000077", ("bina@example.org",))) == []


def test_the_search_would_tell_of_a_column_that_is_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proof that the tests above can fail: with one table spared, exactly that one is told."""
    whole = sweep.columns_of
    monkeypatch.setattr(sweep, "columns_of", lambda table: [] if table.name == "segments" else whole(table))
    erase(world)
    assert everywhere(ZARINA) == ["segments.description", "segments.name", "segments.query"]


def test_a_log_that_named_her_would_be_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the log: without its mask a library's line would be found."""
    monkeypatch.setattr(logs, "_PEOPLE", logs.re.compile("(?!)"))
    logging.getLogger("library").debug("dialling +91 98123-45678")
    assert [line for line in world.log.getvalue().splitlines() if ZARINA.is_in(line)]
