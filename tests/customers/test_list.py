"""The list of customers: whom it finds, in which order, page after page."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.customers.imports.models import Import
from app.customers.models import Customer
from app.customers.queries import listing, search
from app.customers.queries.filters import Filters
from app.customers.queries.listing import ORDERS, Part
from app.customers.segments.models import Segment
from app.extensions import db
from app.shared import clock
from tests.factories import login, make_customer


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


def names(page: str) -> list[str]:
    return re.findall(r'<td class="text-break"><a href="/customers/[^"]+">([^<]+)</a>', page)


PARTS = ["+91 98123 45", "098123", "98123", "12345678", "678", "2345", "ravi", "SHA", "ravi sh", "avi", "ravi@ex"]


@pytest.mark.parametrize("typed", PARTS)
def test_it_finds_people_by_part_of_number_name_or_address(bob: FlaskClient, typed: str) -> None:
    make_customer(phone="+919812345678", name="Ravi Shah", email="Ravi@example.com")
    make_customer(phone="+919799999999", name="Bina")
    db.session.commit()

    assert names(bob.get("/customers", query_string={"search": typed}).text) == ["Ravi Shah"]


FAR_AWAY = [typed for typed in PARTS if typed not in ("2345", "avi")]


@pytest.mark.parametrize("typed", FAR_AWAY)
def test_among_many_the_indexes_still_find_them(bob: FlaskClient, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_customer(phone="+919812345678", name="Ravi Shah", email="Ravi@example.com")
    make_customer(phone="+919799999999", name="Bina")
    db.session.commit()
    monkeypatch.setattr(search, "NEWEST", 1)

    assert names(bob.get("/customers", query_string={"search": typed}).text) == ["Ravi Shah"]


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "a & b", "'a':*", "\x00", "<->", "@", "!", "00", "zz" * 500])
def test_signs_are_no_wildcards(bob: FlaskClient, typed: str) -> None:
    make_customer(phone="+919812345678", name="Asha")
    db.session.commit()

    answer = bob.get("/customers", query_string={"search": typed})

    assert answer.status_code == 200
    assert names(answer.text) == (["Asha"] if not typed.strip("\x00") else [])


@pytest.mark.parametrize("name", ["O'Neil", "back\\slash", "a & b", "x" * 3000])
def test_any_name_can_be_kept_and_found(bob: FlaskClient, name: str) -> None:
    make_customer(name=name)
    make_customer(name="Bina")
    db.session.commit()

    assert len(names(bob.get("/customers", query_string={"search": name}).text)) == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"tag": "Goa"}, "Gita"),
        ({"consent": "out"}, "Omar"),
        ({"consent": "unknown"}, "Uma"),
        ({"active": "7 days"}, "Neha"),
        ({"active": "not 90 days"}, "Omar, Uma, Gita"),
        ({"active": "never"}, "Uma, Gita"),
        ({"city": "pune"}, "Neha"),
        ({"attribute": "Interest", "value": "bali"}, "Gita"),
        ({"attribute": "Interest"}, "Neha, Gita"),
        ({"tag": "goa", "consent": "out"}, ""),
        ({"consent": "nonsense", "active": "x", "value": "x"}, "Neha, Omar, Uma, Gita"),
    ],
)
def test_it_is_narrowed_down_by_the_address(bob: FlaskClient, filters: dict[str, str], found: str) -> None:
    now = clock.now()
    make_customer(name="Gita", city=None, tags=["goa"], attributes={"Interest": "Bali"}, last_inbound_at=None)
    make_customer(name="Uma", city=None, marketing_opt_in=False, marketing_opt_in_at=None)
    make_customer(
        name="Omar",
        city=None,
        marketing_opt_in=False,
        marketing_opt_out_at=now,
        last_inbound_at=now - timedelta(days=120),
    )
    make_customer(name="Neha", city="Pune", attributes={"Interest": "Goa"}, last_inbound_at=now - timedelta(days=2))
    db.session.commit()

    assert ", ".join(names(bob.get("/customers", query_string=filters).text)) == found


def test_it_is_narrowed_down_to_a_segment_and_an_import(bob: FlaskClient) -> None:
    query = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}
    segment = Segment(name="Of Pune", query=query)
    import_ = Import(file_key="k", file_name="people.csv", bytes_total=1)
    db.session.add_all([segment, import_])
    db.session.flush()
    make_customer(name="Asha", city="Pune", import_id=import_.id)
    make_customer(name="Bina", city="Pune")
    make_customer(name="Chitra", city=None, import_id=import_.id)
    db.session.commit()

    of_segment = bob.get("/customers", query_string={"segment": str(segment.public_id)}).text
    of_both = bob.get("/customers", query_string={"segment": segment.public_id, "imported": import_.public_id}).text

    assert (names(of_segment), names(of_both)) == (["Bina", "Asha"], ["Asha"])
    assert "Segment: Of Pune" in of_segment
    assert "Import: people.csv" in of_both


@pytest.mark.parametrize("name", ["segment", "imported"])
@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_a_segment_that_is_gone_is_told(bob: FlaskClient, name: str, value: str) -> None:
    assert bob.get("/customers", query_string={name: value}).status_code == 404


def test_each_filter_can_be_removed(bob: FlaskClient) -> None:
    make_customer(name="Asha", city="Pune", tags=["goa"])
    db.session.commit()

    page = bob.get("/customers?tag=goa&city=Pune&sort=name").text

    assert 'href="/customers?city=Pune&amp;sort=name">Tag: goa' in page
    assert 'href="/customers?tag=goa&amp;sort=name">City: Pune' in page


def test_the_first_empty_list_is_another_than_a_search_in_vain(bob: FlaskClient) -> None:
    assert "No customers yet" in bob.get("/customers").text
    assert "Nobody found" in bob.get("/customers?search=ravi").text


@pytest.mark.parametrize("order", list(ORDERS))
def test_the_pages_forth_and_back_show_everybody_once(app: Flask, order: str) -> None:
    """With ties, and with those who have nothing to sort by."""
    moments = [clock.now() - timedelta(days=n // 2) for n in range(6)]
    for n in range(11):
        named = {"name": "abcabc"[n] if n < 6 else None, "last_inbound_at": moments[n] if n < 6 else None}
        make_customer(**named)
    db.session.commit()

    forth = [listing.part([], ORDERS[order], size=4)]
    while forth[-1].next:
        forth.append(listing.part([], ORDERS[order], after=forth[-1].next, size=4))
    back = [forth[-1]]
    while back[-1].previous:
        back.append(listing.part([], ORDERS[order], before=back[-1].previous, size=4))

    shown = [ids(part) for part in forth]
    assert [len(page) for page in shown] == [4, 4, 3]
    assert sorted(number for page in shown for number in page) == sorted(db.session.scalars(db.select(Customer.id)))
    assert [ids(part) for part in reversed(back)] == shown
    assert forth[0].previous is None


def ids(part: Part) -> list[int]:
    return [customer.id for customer in part.people]


def test_the_list_can_be_sorted(app: Flask) -> None:
    now = clock.now()
    make_customer(name="Bina", last_inbound_at=now)
    make_customer(name="Asha", last_inbound_at=None)
    make_customer(name=None, last_inbound_at=now - timedelta(days=1))

    sorted_ = {key: [it.name for it in listing.part([], order).people] for key, order in ORDERS.items()}

    assert sorted_ == {
        "newest": [None, "Asha", "Bina"],
        "active": ["Bina", None, "Asha"],
        "name": ["Asha", "Bina", None],
    }


def test_a_page_that_begins_at_somebody_who_is_gone_is_the_first(bob: FlaskClient) -> None:
    make_customer(name="Asha")
    db.session.commit()

    page = bob.get("/customers?after=00000000-0000-7000-8000-000000000000").text

    assert names(page) == ["Asha"]


def test_people_are_counted_exactly_while_they_are_few(bob: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_customer(city="Pune")
    db.session.commit()
    few = bob.get("/customers/count?city=Pune").text
    monkeypatch.setattr(listing, "COUNTED", 2)

    assert "3 customers" in few
    assert "more than 2 customers" in bob.get("/customers/count?city=Pune").text
    assert "about" in bob.get("/customers/count").text


def test_filters_go_into_the_address_and_come_back() -> None:
    filters = Filters(search="ravi", attribute="Age", value="30")

    assert Filters.of(filters.as_args()) == filters
    assert not Filters()


def test_order_of_pages_is_strict(app: Flask) -> None:
    for _ in range(5):
        make_customer(name="Same")

    found = ids(listing.part([], ORDERS["name"]))

    assert all(one < other for one, other in pairwise(found))
