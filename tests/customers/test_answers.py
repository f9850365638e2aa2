"""The four answers to marketing: whoever is on the suppression list has that answer, and no other."""

from __future__ import annotations

import csv
import re
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.customers.models import Customer
from app.customers.queries import answers
from app.customers.segments import export, reading
from app.customers.segments.models import Segment
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock
from tests.factories import login, make_customer

UNASKED = {"marketing_opt_in": False, "marketing_opt_in_at": None}
NO = UNASKED | {"marketing_opt_out_at": clock.now()}
EVERYBODY = {"logic": "AND", "conditions": [{"field": "name", "operator": "is_set"}]}


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.mona)


@pytest.fixture
def people(app: Flask) -> dict[str, Customer]:
    """Three of each answer but the fourth; of each three one is on the list by number, another by user id."""
    made = {}
    for answer, columns in (("Yes", {}), ("No", NO), ("Unasked", UNASKED)):
        for n, name in enumerate((answer, f"{answer} listed", f"{answer} listed by id")):
            made[name] = make_customer(name=name, user_id=f"IN.{answer}{n}", **columns)
        listed = made[f"{answer} listed"].phone, made[f"{answer} listed by id"].user_id
        suppression.suppress([it for it in listed if it], suppression.BY_HAND)
    db.session.commit()
    return made


def has(answer: str) -> set[str | None]:
    return set(db.session.scalars(select(Customer.name).where(answers.answered(answer))))


def test_everybody_has_one_answer(people: dict[str, Customer]) -> None:
    assert (has("in"), has("out"), has("unknown")) == ({"Yes"}, {"No"}, {"Unasked"})
    assert has("suppressed") == {name for name in people if "listed" in name}


def test_it_is_told_as_it_is_found(people: dict[str, Customer]) -> None:
    for name, answer in db.session.execute(select(Customer.name, answers.answer())):
        assert name in has(answer)


def test_a_number_that_comes_later_is_known_too(people: dict[str, Customer]) -> None:
    was = people["Yes listed"].phone
    people["Yes listed"].phone, people["Unasked"].phone = "+919700000001", was
    db.session.flush()

    assert (has("in"), has("unknown")) == ({"Yes", "Yes listed"}, set())


def test_where_nobody_was_listed_nothing_is_digested(app: Flask) -> None:
    make_customer(name="Asha")
    for answer in answers.ANSWERS:
        assert "sha256" not in str(select(Customer.id).where(answers.answered(answer)))
    assert (has("in"), has("suppressed")) == ({"Asha"}, set())


def test_the_list_is_narrowed_down_to_them(mona: FlaskClient, people: dict[str, Customer]) -> None:
    def shown(answer: str) -> set[str]:
        page = mona.get("/customers", query_string={"consent": answer}).text
        return set(re.findall(r'<td class="text-break"><a href="/customers/[^"]+">([^<]+)</a>', page))

    assert [shown(answer) for answer in answers.ANSWERS] == [has(answer) for answer in answers.ANSWERS]
    assert ">6 customers<" in mona.get("/customers/count?consent=suppressed").text


def test_each_page_calls_them_so(mona: FlaskClient, people: dict[str, Customer]) -> None:
    segment = Segment(name="Everybody", query=EVERYBODY)
    db.session.add(segment)
    db.session.commit()
    listed, other = people["Yes listed"].public_id, people["Unasked listed"].public_id
    badges = {
        "/customers": 6,
        f"/segments/{segment.public_id}": 6,
        f"/customers/{listed}": 1,
        f"/customers/{listed}/live": 1,
        f"/customers/{listed}/merge/{other}": 2,
    }
    for address, number in badges.items():
        assert mona.get(address).text.count(">suppressed</span>") == number, address


def test_a_page_of_many_asks_once(mona: FlaskClient, people: dict[str, Customer]) -> None:
    seen: list[str] = []

    def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", see)
    mona.get("/customers")
    event.remove(db.engine, "before_cursor_execute", see)
    assert len([it for it in seen if "FROM suppressions" in it]) == 1


def test_a_segments_csv_says_so(people: dict[str, Customer]) -> None:
    rows = csv.DictReader(export.people(reading.parse(EVERYBODY)))
    told = {row["Name"]: row["Marketing"] for row in rows}
    assert (told["Yes"], told["No"], told["Unasked"]) == ("opted in", "opted out", "never asked")
    assert {told[name] for name in told if "listed" in name} == {"suppressed"}
