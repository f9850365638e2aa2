"""A template's definition and a customer's values: what is sent, and what is seen."""

import pytest

from app.meta.components import MissingValue, build_components, compile_template, render_text, variables_of

NAMED = [
    {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://scontent.example/a.jpg"]}},
    {
        "type": "BODY",
        "text": "Hi {{first_name}}, use {{code}} today only, {{first_name}}.",
        "example": {
            "body_text_named_params": [
                {"param_name": "first_name", "example": "Asha"},
                {"param_name": "code", "example": "LIGHT20"},
            ]
        },
    },
    {"type": "FOOTER", "text": "Reply STOP to opt out"},
    {
        "type": "BUTTONS",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "URL", "text": "Shop", "url": "https://s.in/{{1}}", "example": ["https://s.in/abc"]},
            {"type": "COPY_CODE", "example": "LIGHT20"},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+919812345678"},
        ],
    },
]
VALUES = {
    "header.media": "https://cdn.in/a.jpg",
    "body.first_name": "Asha",
    "body.code": "LIGHT20",
    "button.1.1": "r/9001",
    "button.2.code": "LIGHT20",
}
POSITIONAL = [
    {
        "type": "HEADER",
        "format": "TEXT",
        "text": "Our {{1}} is on!",
        "example": {"header_text": ["Summer Sale"]},
    },
    {"type": "BODY", "text": "{{2}} before {{1}}, {{10}} last.", "example": {"body_text": [["one", "two"]]}},
]


def body(words: str) -> list[dict[str, object]]:
    return [{"type": "BODY", "text": words}]


def test_it_names_every_gap_of_a_named_template():
    assert [(gap.key, gap.part, gap.name, gap.kind, gap.sample) for gap in variables_of(NAMED, "NAMED")] == [
        ("header.media", "header", "media", "image", "https://scontent.example/a.jpg"),
        ("body.first_name", "body", "first_name", "text", "Asha"),
        ("body.code", "body", "code", "text", "LIGHT20"),
        ("button.1.1", "button", "1", "url_suffix", "abc"),
        ("button.2.code", "button", "code", "coupon_code", "LIGHT20"),
    ]


def test_it_orders_positional_gaps_by_number():
    gaps = [(gap.key, gap.sample) for gap in variables_of(POSITIONAL, "POSITIONAL")]
    assert gaps == [("header.1", "Summer Sale"), ("body.1", "one"), ("body.2", "two"), ("body.10", None)]


def test_it_builds_what_meta_wants():
    assert build_components(NAMED, "NAMED", VALUES) == [
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://cdn.in/a.jpg"}}]},
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "first_name", "text": "Asha"},
                {"type": "text", "parameter_name": "code", "text": "LIGHT20"},
            ],
        },
        {
            "type": "button",
            "sub_type": "url",
            "index": "1",
            "parameters": [{"type": "text", "text": "r/9001"}],
        },
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "LIGHT20"}],
        },
    ]


def test_it_builds_positional_parameters_without_names():
    values = {"header.1": "Sale", "body.1": "a", "body.2": "b", "body.10": "c"}
    header, filled = build_components(POSITIONAL, None, values)
    assert header == {"type": "header", "parameters": [{"type": "text", "text": "Sale"}]}
    assert [parameter["text"] for parameter in filled["parameters"]] == ["a", "b", "c"]


def test_it_builds_nothing_for_a_template_without_gaps():
    assert build_components(body("Hello!"), "POSITIONAL", {}) == []


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_it_sends_media_by_id_or_by_link(kind):
    header = [{"type": "HEADER", "format": kind.upper()}]
    assert build_components(header, None, {"header.media": "1234"})[0]["parameters"] == [
        {"type": kind, kind: {"id": "1234"}}
    ]
    for address in ("cat.jpg", "http://cdn.in/cat.jpg", "HTTP://cdn.in/cat.jpg"):
        with pytest.raises(MissingValue, match="https"):
            build_components(header, None, {"header.media": address})


@pytest.mark.parametrize("key", VALUES)
@pytest.mark.parametrize("value", [None, "", " \n\t"])
def test_it_refuses_to_build_with_a_gap(key, value):
    left = {name: words for name, words in VALUES.items() if name != key}
    with pytest.raises(MissingValue) as caught:
        build_components(NAMED, "NAMED", left if value is None else {**left, key: value})
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (" Asha ", "Asha"),
        ("two\nlines", "two lines"),
        ("tab\there\r\n", "tab here"),
        ("four    stay", "four    stay"),
        ("five     go", "five go"),
        ("line\u2028mark", "line mark"),
        ("😀 🎉", "😀 🎉"),
        ("{{1}}", "{{1}}"),
    ],
)
def test_it_sends_and_shows_values_as_meta_takes_them(written, sent):
    template = compile_template(body("Hi {{1}}!"), "POSITIONAL")
    values = {"body.1": written}
    assert template.build(values)[0]["parameters"][0]["text"] == sent
    assert template.body(values) == f"Hi {sent}!"


def test_it_shows_the_template_as_its_customer_sees_it():
    seen = render_text(NAMED, VALUES)
    assert seen.body == "Hi Asha, use LIGHT20 today only, Asha."
    assert (seen.header_format, seen.header_media, seen.header_text) == (
        "image",
        "https://cdn.in/a.jpg",
        None,
    )
    assert seen.footer == "Reply STOP to opt out"
    assert [(button.type, button.text, button.target) for button in seen.buttons] == [
        ("QUICK_REPLY", "Stop", None),
        ("URL", "Shop", "https://s.in/r/9001"),
        ("COPY_CODE", "Copy code", "LIGHT20"),
        ("PHONE_NUMBER", "Call", "+919812345678"),
    ]


def test_it_shows_the_placeholder_where_a_value_is_missing():
    seen = render_text(POSITIONAL, {"body.2": "Two", "body.1": " "})
    assert (seen.header_text, seen.body) == ("Our {{1}} is on!", "Two before {{1}}, {{10}} last.")


@pytest.mark.parametrize(
    ("component", "named"),
    [
        ({"type": "HEADER", "format": "GIF"}, ["HEADER GIF"]),
        ({"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}, {"type": "FLOW"}]}, ["BUTTON FLOW"]),
        ({"type": "BUTTONS", "buttons": [{"type": "APP"}]}, ["BUTTON APP"]),
        ({"type": "CAROUSEL", "cards": [{"components": [{"type": "NEW"}, *body("Hi")]}]}, ["NEW"]),
        ({"type": "CAROUSEL", "cards": []}, ["CAROUSEL"]),
        ({"type": "SOMETHING_NEW"}, ["SOMETHING_NEW"]),
    ],
)
def test_it_says_what_it_cannot_fill(component, named):
    template = compile_template([*body("Hi {{1}}"), component])
    assert template.unsupported == named
    assert template.render({"body.1": "Asha"}).body == "Hi Asha"


def test_it_can_send_what_needs_nothing():
    quiet = ["QUICK_REPLY", "PHONE_NUMBER", "CATALOG", "URL", "VOICE_CALL"]
    assert (
        compile_template([*NAMED[:3], {"type": "BUTTONS", "buttons": [{"type": kind} for kind in quiet]}]).unsupported
        == []
    )


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "x",
        {},
        [None, 1, "x", []],
        [{}],
        [{"type": None, "text": 5}],
        [{"type": "BODY", "text": None, "example": []}],
        [{"type": "BODY", "text": "{{1}}", "example": {"body_text": [[], 3]}}],
        [{"type": "HEADER", "format": 7, "text": {}, "example": {"header_text": "x", "header_handle": None}}],
        [
            {
                "type": "BUTTONS",
                "buttons": [None, {}, {"type": "URL", "url": 5}, {"type": "COPY_CODE", "example": []}],
            }
        ],
        [{"type": "CAROUSEL", "cards": [None, {}, {"components": [None, {"type": "CAROUSEL", "cards": [{}]}]}]}],
        [{"type": "CAROUSEL", "cards": {}}, {"type": "LIMITED_TIME_OFFER", "limited_time_offer": []}],
        [{"type": "HEADER", "format": "PRODUCT"}, {"type": "BUTTONS", "buttons": [{"type": "OTP"}]}],
    ],
)
def test_it_survives_any_definition(odd):
    template = compile_template(odd, "NAMED")
    template.render({})
    assert isinstance(variables_of(odd), list)
