"""Every rule of Meta's for message templates: what keeps it passes, what breaks it is told at its field."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.meta.template_rules import Problem, advise, check


def template(*components: object, **head: object) -> dict[str, object]:
    plain = {"name": "diwali_offer", "language": "en_US", "category": "MARKETING"}
    return {**plain, "components": list(components), **head}


def body(words: str, *samples: str) -> dict[str, object]:
    return {"type": "BODY", "text": words} | ({"example": {"body_text": [list(samples)]}} if samples else {})


def buttons(*listed: object) -> dict[str, object]:
    return {"type": "BUTTONS", "buttons": list(listed)}


HELLO = body("Hello from all of us!")
REPLY = {"type": "QUICK_REPLY", "text": "Stop"}
CALL = {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+919812345678"}
SHOP = {"type": "URL", "text": "Shop", "url": "https://s.in/{{1}}", "example": ["https://s.in/abc"]}
COPY = {"type": "COPY_CODE", "example": "LIGHT20"}
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1h"]}}
OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over", "has_expiration": True}}
OTP = {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}
CARD = {"components": [IMAGE, body("Our best one"), buttons(REPLY)]}


def carousel(*cards: object) -> dict[str, object]:
    return {"type": "CAROUSEL", "cards": list(cards)}


def named(words: str, **samples: str) -> dict[str, object]:
    listed = [{"param_name": name, "example": sample} for name, sample in samples.items()]
    return {"type": "BODY", "text": words, "example": {"body_text_named_params": listed}}


def heading(words: str, *samples: str) -> dict[str, object]:
    return {"type": "HEADER", "format": "TEXT", "text": words, "example": {"header_text": list(samples)}}


def footer(words: str) -> dict[str, object]:
    return {"type": "FOOTER", "text": words}


GOOD = {
    "plain": template(HELLO),
    "longest name": template(HELLO, name="a" * 512),
    "positional": template(body("Hi {{1}}, your code for {{2}} is ready now", "Asha", "Goa")),
    "numbers out of order": template(body("Hi {{2}}, your code for {{1}} is ready now", "Goa", "Asha")),
    "named": template(named("Hi {{first_name}}, welcome back to us", first_name="Asha"), parameter_format="NAMED"),
    "named without a format": template(named("Hi {{first_name}}, welcome back to us", first_name="Asha")),
    "one variable above": template(heading("Our {{1}} is on", "sale"), HELLO),
    "longest texts": template(heading("h" * 60), body("b" * 1024), footer("f" * 60)),
    "place": template({"type": "HEADER", "format": "LOCATION"}, HELLO),
    "ten replies": template(HELLO, buttons(*[{"type": "QUICK_REPLY", "text": f"No. {i}"} for i in range(10)])),
    "replies first": template(HELLO, buttons(REPLY, REPLY, SHOP, CALL, COPY)),
    "replies last": template(HELLO, buttons(SHOP, CALL, COPY, REPLY, REPLY)),
    "two links": template(HELLO, buttons(SHOP, {**SHOP, "url": "https://s.in/all"})),
    "flow from elsewhere": template(HELLO, buttons({"type": "FLOW", "text": "Open", "flow_id": "1"})),
    "unknown parts": template(HELLO, {"type": "SOMETHING_NEW"}, buttons({"type": "NEW_BUTTON"})),
    "offer": template(IMAGE, OFFER, body("o" * 600), buttons({"type": "COPY_CODE", "example": "C" * 15}, SHOP)),
    "two cards": template(HELLO, carousel(CARD, CARD)),
    "ten cards": template(HELLO, carousel(*[CARD] * 10)),
    "code": template({"type": "BODY"}, buttons(OTP), category="AUTHENTICATION"),
    "code read back": template(body("*{{1}}* is your code."), buttons(SHOP), category="AUTHENTICATION"),
}


@pytest.mark.parametrize("name", GOOD)
def test_it_finds_nothing_wrong(name):
    assert check(GOOD[name]) == []


def ways(count: int, button: dict[str, object]) -> dict[str, object]:
    return template(HELLO, buttons(*[button] * count))


BROKEN = [
    (template(HELLO, name="Diwali Offer"), "name", "bad_value"),
    (template(HELLO, name="a" * 513), "name", "bad_value"),
    (template(HELLO, name=""), "name", "bad_value"),
    (template(HELLO, language="English"), "language", "bad_value"),
    (template(HELLO, language=None), "language", "bad_value"),
    (template(HELLO, category="OFFERS"), "category", "bad_value"),
    (template(HELLO, parameter_format="LETTERS"), "parameter_format", "bad_value"),
    (template(), "body.text", "required"),
    (template(body("  ")), "body.text", "required"),
    (template(HELLO, HELLO), "components", "duplicate"),
    (template(body("b" * 1025)), "body.text", "too_long"),
    (template(body("{{1}}, your order is on its way", "Asha")), "body.text", "variable_edge"),
    (template(body("Your order is on its way, {{1}}", "Asha")), "body.text", "variable_edge"),
    (template(body("Your order {{1}} {{2}} is on its way", "7", "b")), "body.text", "variable_adjacent"),
    (template(body("Your order {{1}} and {{3}} is on its way", "7", "b", "c")), "body.text", "variable_gap"),
    (template(body("Your order {{0}} is on its way", "7")), "body.text", "variable_gap"),
    (template(body("a {{1}} {{2}} {{3}} b", "1", "2", "3")), "body.text", "variable_ratio"),
    (template(body("Your order {{order}} and {{1}} is ready", "7")), "body.text", "variable_format"),
    (template(body("Your order {{1} is on its way")), "body.text", "variable_format"),
    (template(body("Your order {{ 1 }} is on its way", "7")), "body.text", "variable_format"),
    (template(named("Hi {{First Name}}, welcome back"), parameter_format="NAMED"), "body.text", "variable_format"),
    (template(named("Hi {{Name}}, welcome back", Name="A"), parameter_format="NAMED"), "body.text", "variable_format"),
    (template(body("Your order {{1}} is on its way")), "body.samples.1", "sample_missing"),
    (template(body("Your order {{1}} or {{2}} is on its way", "7")), "body.samples.2", "sample_missing"),
    (template(named("Hi {{who}}, welcome back to us")), "body.samples.who", "sample_missing"),
    (template(heading("h" * 61), HELLO), "header.text", "too_long"),
    (template(heading("a {{1}} b {{2}} c", "x", "y"), HELLO), "header.text", "variable_count"),
    (template(heading("Our {{1}} is on"), HELLO), "header.samples.1", "sample_missing"),
    (template({"type": "HEADER", "format": "HOLOGRAM"}, HELLO), "header", "bad_value"),
    (template({"type": "HEADER", "format": "VIDEO"}, HELLO), "header.sample", "sample_missing"),
    (template(HELLO, footer("f" * 61)), "footer.text", "too_long"),
    (template(HELLO, footer("for {{1}}")), "footer.text", "variable_count"),
    (template(HELLO, footer("")), "footer.text", "required"),
    (ways(11, REPLY), "buttons", "button_count"),
    (ways(3, SHOP), "buttons", "button_count"),
    (ways(2, CALL), "buttons", "button_count"),
    (ways(2, COPY), "buttons", "button_count"),
    (template(HELLO, buttons(REPLY, SHOP, REPLY)), "buttons", "button_order"),
    (ways(1, {**REPLY, "text": "s" * 26}), "buttons.0.text", "too_long"),
    (ways(1, {**REPLY, "text": ""}), "buttons.0.text", "required"),
    (ways(1, {**REPLY, "text": "Hi {{1}}"}), "buttons.0.text", "variable_count"),
    (ways(1, {**SHOP, "url": "s.in"}), "buttons.0.url", "bad_value"),
    (ways(1, {**SHOP, "url": "https://s.in/" + "x" * 2000}), "buttons.0.url", "too_long"),
    (ways(1, {**SHOP, "url": "https://s.in/{{1}}/x"}), "buttons.0.url", "variable_edge"),
    (ways(1, {**SHOP, "url": "https://s.in/{{1}}{{2}}"}), "buttons.0.url", "variable_edge"),
    (ways(1, {**SHOP, "example": []}), "buttons.0.sample", "sample_missing"),
    (ways(1, {**CALL, "phone_number": "+" + "1" * 20}), "buttons.0.phone_number", "too_long"),
    (ways(1, {**CALL, "phone_number": "call me"}), "buttons.0.phone_number", "bad_value"),
    (ways(1, {"type": "COPY_CODE"}), "buttons.0.sample", "sample_missing"),
    (ways(1, {"type": "COPY_CODE", "example": "C" * 21}), "buttons.0.sample", "too_long"),
    (template(HELLO, buttons(OTP)), "category", "not_allowed"),
    (template(OFFER, HELLO, footer("bye")), "footer.text", "not_allowed"),
    (template(OFFER, body("o" * 601)), "body.text", "too_long"),
    (template(OFFER, HELLO, category="UTILITY"), "category", "not_allowed"),
    (template(heading("Sale"), OFFER, HELLO), "header", "not_allowed"),
    (template(OFFER, HELLO, buttons({"type": "COPY_CODE", "example": "C" * 16})), "buttons.0.sample", "too_long"),
    (
        template({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "o" * 17}}, HELLO),
        "limited_time_offer.text",
        "too_long",
    ),
    (template({"type": "LIMITED_TIME_OFFER"}, HELLO), "limited_time_offer.text", "required"),
    (template(HELLO, carousel(CARD)), "carousel", "card_count"),
    (template(HELLO, carousel(*[CARD] * 11)), "carousel", "card_count"),
    (template(HELLO, carousel(CARD, {"components": [IMAGE, buttons(REPLY)]})), "cards.1", "card_shape"),
    (template(HELLO, carousel(CARD, {"components": [IMAGE, body("x y z"), buttons(SHOP)]})), "cards.1", "card_shape"),
    (template(HELLO, carousel(CARD, {"components": [body("x"), buttons(REPLY)]})), "cards.1.header", "required"),
    (template(HELLO, carousel(CARD, {"components": [IMAGE, body("x" * 161)]})), "cards.1.body.text", "too_long"),
    (template(HELLO, carousel(CARD, {"components": [IMAGE, body("x")]})), "cards.1.buttons", "button_count"),
    (template(HELLO, carousel(CARD, CARD), buttons(REPLY)), "buttons", "not_allowed"),
    (template({"type": "BODY"}, category="AUTHENTICATION"), "buttons", "not_allowed"),
    (template(IMAGE, {"type": "BODY"}, buttons(OTP), category="AUTHENTICATION"), "header", "not_allowed"),
    (
        template({"type": "BODY"}, buttons({**OTP, "otp_type": "ONE_TAP"}), category="AUTHENTICATION"),
        "buttons.0.supported_apps",
        "required",
    ),
]


@pytest.mark.parametrize(("definition", "field", "code"), BROKEN)
def test_it_tells_the_broken_rule_at_its_field(definition, field, code):
    found = check(definition)
    assert (field, code) in [(problem.field, problem.code) for problem in found]
    assert all(problem.sentence.endswith(".") for problem in found)


def test_it_leaves_the_definition_as_it_was():
    definition = copy.deepcopy(GOOD["ten cards"])
    check(definition)
    assert definition == GOOD["ten cards"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("x" * 551, "too_long"),
        ("Sale! " + "🎉" * 11, "bad_value"),
        ("Hi {{1}}, bring {{2}} to us", "variable_ratio"),
        ("Your table for tonight is booked by {{1}}.", "variable_edge"),
    ],
)
def test_it_warns_of_what_reviewers_dislike(words, code):
    definition = template(body(words, "a", "b"))
    assert [problem.code for problem in advise(definition)] == [code]
    assert check(definition) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["{{1}}", "BODY", "CAROUSEL"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "components", "buttons", "cards", "example", "format", "url"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_it_survives_whatever_it_is_given(definition):
    assert all(isinstance(problem, Problem) for problem in [*check(definition), *advise(definition)])
