"""Any file of rows that cross each other: the dry run says what the run brings, and undoing leaves what was before."""

from __future__ import annotations

from random import Random

import pytest
from flask import Flask

from app.customers.imports.models import ImportStatus
from app.customers.service import consent, suppression
from app.extensions import db
from tests import factories
from tests.customers.imports.people_files import checked, contents, figures, gone_on, received, said, undone

PHONES = [f"+91981234567{number}" for number in range(5)]
USERS = [f"IN.1{number}" for number in range(4)]
HEAD = "Phone,User,Name,City,Tags,OK,Plan\n"
COLUMNS = {"0": "phone", "1": "user_id", "2": "name", "3": "city", "4": "tags", "5": "consent", "6": "attribute:Plan"}
TABLES = ("customers", "consent_entries", "import_changes", "suppressions")


@pytest.mark.parametrize("seed", range(40))
def test_the_dry_run_is_right_and_undoing_is_whole(app: Flask, seed: int) -> None:
    dice = Random(seed)
    _some_people(dice)
    before = contents(*TABLES)
    rules = {"existing": dice.choice(["update", "fill", "skip"]), "tags": dice.choice([[], ["fair"]])}
    import_ = received(HEAD + "".join(_row(dice) for _ in range(dice.randint(1, 7))), COLUMNS, rules)
    findings = checked(import_)
    assert contents(*TABLES) == before

    gone_on(import_)
    assert import_.status is ImportStatus.IMPORTED, import_.error
    assert figures(import_) == said(findings)
    assert sum(figures(import_)[:5]) == import_.total

    undone(import_)
    assert contents(*TABLES) == before


def _row(dice: Random) -> str:
    choices = (
        [*PHONES, ""],
        [*USERS, "", "", ""],
        ["", "New"],
        ["", "Pune"],
        ["", "vip"],
        ["", "yes", "no"],
        ["", "gold"],
    )
    return ",".join(map(dice.choice, choices)) + "\n"


def _some_people(dice: Random) -> None:
    """Known by number, by id, or by both; with and without answers; one banned, perhaps."""
    for phone, user_id in zip(dice.sample(PHONES, dice.randint(0, 4)), dice.sample(USERS, 4), strict=False):
        known_by = dice.choice([(phone, user_id), (phone, None), (None, user_id)])
        one = factories.make_customer(
            phone=known_by[0],
            user_id=known_by[1],
            name=dice.choice([None, "Old"]),
            tags=dice.choice([[], ["old"]]),
            marketing_opt_in=False,
            marketing_opt_in_at=None,
        )
        for granted in dice.choices([True, False], k=dice.randint(0, 2)):
            consent.record_consent(one, granted, "form", "Said so.", None)
    if dice.random() < 0.3:
        suppression.suppress([dice.choice(PHONES)], suppression.BY_HAND)
    db.session.commit()
