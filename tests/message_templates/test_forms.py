"""The builder's form made into a definition and back."""

from __future__ import annotations

import pytest

from app.message_templates import forms
from app.message_templates.models import MessageTemplate
from app.meta.template_rules import check
from tests.message_templates.sheets import typed


def template_of(definition: dict) -> MessageTemplate:
    return MessageTemplate(**{"status": "APPROVED", **definition})


def test_it_makes_what_meta_takes() -> None:
    definition = forms.definition_of(forms.read(typed()))
    assert check(definition) == []
    header, body, footer, buttons = definition["components"]
    assert header == {"type": "HEADER", "format": "TEXT", "text": "Diwali at our shop"}
    assert body["text"] == "Hi {{first_name}}, our *Diwali boxes* are here.\nOrder before the weekend."
    assert body["example"] == {"body_text_named_params": [{"param_name": "first_name", "example": "Asha"}]}
    assert footer["text"] == "Reply STOP to opt out"
    assert buttons["buttons"][1]["example"] == ["https://example.com/d/r/9001"]


def test_it_makes_numbered_samples() -> None:
    fields = typed(parameter_format="POSITIONAL", body__text="Hi {{1}}, {{2}} and more words wait.")
    fields |= {"body.samples.1": "Asha", "body.samples.2": "Goa"}
    definition = forms.definition_of(forms.read(fields))
    assert definition["components"][1]["example"] == {"body_text": [["Asha", "Goa"]]}
    assert check(definition) == []


def test_it_bears_a_huge_number() -> None:
    fields = forms.read(typed(parameter_format="POSITIONAL", body__text="Hi {{999999999}} there"))
    assert [problem.code for problem in check(forms.definition_of(fields))] != []


def test_it_comes_back_as_it_was_typed() -> None:
    fields = forms.read(typed())
    back = forms.fields_of(template_of(forms.definition_of(fields)))
    assert {name: value for name, value in back.items() if value} == fields


@pytest.mark.parametrize(
    ("title", "name"),
    [("Diwali offer!", "diwali_offer"), ("  50% off  ", "50_off"), ("दिवाली", ""), ("a" * 600, "a" * 512)],
)
def test_it_makes_a_name_of_a_title(title: str, name: str) -> None:
    assert forms.slug(title) == name


def test_it_counts_the_buttons_anew() -> None:
    fields = forms.read({"buttons.7.type": "QUICK_REPLY", "buttons.7.text": "b", "buttons.30.type": "MPM"})
    assert [row["type"] for row in forms.buttons_of(fields)] == ["QUICK_REPLY", "MPM"]
    assert fields["buttons.0.text"] == "b"


@pytest.mark.parametrize(
    ("deed", "labels"),
    [
        ("up:1", ["Shop now", "Stop"]),
        ("up:0", ["Stop", "Shop now"]),
        ("down:0", ["Shop now", "Stop"]),
        ("down:1", ["Stop", "Shop now"]),
        ("remove:0", ["Shop now"]),
        ("remove:9", ["Stop", "Shop now"]),
        ("add:CATALOG", ["Stop", "Shop now", "View catalog"]),
        ("add:NONSENSE", ["Stop", "Shop now"]),
        ("nonsense", ["Stop", "Shop now"]),
    ],
)
def test_it_rearranges_the_buttons(deed: str, labels: list[str]) -> None:
    fields = forms.rearranged(forms.read(typed()), deed)
    assert [row["text"] for row in forms.buttons_of(fields)] == labels


def test_every_problem_at_a_field_has_a_place() -> None:
    """Whatever the rules complain of in what the builder can write, the page can show."""
    fields = forms.read(
        typed(name="", body__text="{{1}}{{x}}", footer__text="{{1}}", header__text="x" * 61, buttons__1__url="no")
        | {"limited_time_offer": "on", "buttons.2.type": "COPY_CODE", "buttons.3.type": "PHONE_NUMBER"}
    )
    problems = check(forms.definition_of(fields))
    assert len(problems) > 8
    assert {problem.field for problem in problems} <= set(forms.slots(fields))


@pytest.mark.parametrize(
    ("components", "strange"),
    [
        ([{"type": "BODY", "text": "x"}], []),
        ([{"type": "CAROUSEL", "cards": []}], ["CAROUSEL"]),
        ([{"type": "HEADER", "format": "PRODUCT"}], ["PRODUCT HEADER"]),
        ([{"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]}], ["FLOW button"]),
        ([{"type": "SOMETHING_NEW"}, 7, None, {"no": "type"}], ["SOMETHING_NEW", "UNKNOWN"]),
    ],
)
def test_it_knows_what_it_cannot_write(components: list, strange: list[str]) -> None:
    template = template_of({"category": "MARKETING", "components": components})
    assert forms.strange_parts(template) == strange
