"""What a variable may draw on, and what is refused before anybody is skipped for it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.campaigns import variables
from app.campaigns.service import drafts
from app.shared.errors import Invalid
from tests import factories

FACTS = variables.Facts({"City": "Pune", "Empty": " "}, {"name": "Asha Rao", "attributes": {"seat": "window"}})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"source": "column", "value": "City"}, "Pune"),
        ({"source": "column", "value": "Empty", "fallback": "there"}, "there"),
        ({"source": "field", "value": "first_name"}, "Asha"),
        ({"source": "field", "value": "seat"}, "window"),
        ({"source": "text", "value": "Dear {{first_name}} of {{City}}"}, "Dear Asha of Pune"),
        ({"source": "text", "value": "{{Empty}}", "fallback": "friend"}, "friend"),
    ],
)
def test_it_fills_a_variable(rule: dict[str, str], value: str) -> None:
    assert variables.fill({"body.1": rule}, FACTS) == {"body.1": value}


@pytest.mark.parametrize(
    ("words", "stranger"),
    [("Hi {{Name}}", None), ("Hi {{first name}}", None), ("Hi {{City}}", None), ("Hi {{Nope}}", "Nope")],
)
def test_it_knows_words_that_nothing_can_fill(words: str, stranger: str | None) -> None:
    mapping = {"body.1": {"source": "text", "value": words}}
    assert variables.unknown_words(mapping, ["City"]).get("body.1") == stranger


def test_the_wizard_refuses_a_word_that_nothing_can_fill(app: Flask) -> None:
    with pytest.raises(Invalid, match="no column or field called Nope") as refusal:
        drafts.set_variables(factories.make_campaign(), {"1": "Hi {{Nope}}", "2": "Goa"})
    assert refusal.value.field == "body.1"
