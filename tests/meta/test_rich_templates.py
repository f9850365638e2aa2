"""Templates beyond words and pictures: places, products, offers, codes and carousels."""

import pytest

from app.meta.components import MissingValue, build_components, compile_template, render_text, variables_of

BODY = {"type": "BODY", "text": "Hello!"}
LOCATION = [{"type": "HEADER", "format": "LOCATION"}, BODY]
PLACE = {
    "header.latitude": "19.0178",
    "header.longitude": "72.8478",
    "header.name": "Dadar",
    "header.address": "Mumbai",
}
OFFER = [{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over", "has_expiration": True}}, BODY]
PRODUCTS = [BODY, {"type": "BUTTONS", "buttons": [{"type": "MPM", "text": "View"}]}]
CODE = [BODY, {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}]}]
QUICK = [BODY, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": text} for text in ("Yes", "No")]}]


def card(kind: str, *buttons: dict[str, object]) -> dict[str, object]:
    parts = [{"type": "HEADER", "format": kind}, {"type": "BODY", "text": "Only {{1}} left"}]
    return {"components": [*parts, {"type": "BUTTONS", "buttons": list(buttons)}]}


SHOP = {"type": "URL", "text": "Shop", "url": "https://s.in/{{1}}", "example": ["https://s.in/abc"]}
CAROUSEL = [BODY, {"type": "CAROUSEL", "cards": [card("IMAGE", SHOP), card("IMAGE", SHOP)]}]
PRODUCT_CARDS = [
    BODY,
    {"type": "CAROUSEL", "cards": [{"components": [{"type": "HEADER", "format": "PRODUCT"}]}] * 2},
]


def test_it_names_the_gaps_of_every_card():
    gaps = [(gap.key, gap.kind, gap.card, gap.sample) for gap in variables_of(CAROUSEL)]
    assert gaps[:3] == [
        ("card.0.header.media", "image", 0, None),
        ("card.0.body.1", "text", 0, None),
        ("card.0.button.0.1", "url_suffix", 0, "abc"),
    ]
    assert [gap[0] for gap in gaps[3:]] == ["card.1.header.media", "card.1.body.1", "card.1.button.0.1"]


def test_it_fills_every_card():
    values = {gap.key: "12" for gap in variables_of(CAROUSEL)} | {"card.1.body.1": "two"}
    (carousel,) = build_components(CAROUSEL, None, values)
    assert [one["card_index"] for one in carousel["cards"]] == [0, 1]
    header, words, button = carousel["cards"][1]["components"]
    assert header["parameters"] == [{"type": "image", "image": {"id": "12"}}]
    assert words["parameters"] == [{"type": "text", "text": "two"}]
    assert (button["sub_type"], button["index"]) == ("url", "0")


def test_it_names_the_card_whose_value_is_missing():
    with pytest.raises(MissingValue, match=r"\{\{1\}\} of the text of card 2") as caught:
        build_components(CAROUSEL, None, {gap.key: "12" for gap in variables_of(CAROUSEL)} | {"card.1.body.1": ""})
    assert caught.value.key == "card.1.body.1"


def test_it_shows_the_cards():
    values = {"card.0.header.media": "https://a.in/1.jpg", "card.0.body.1": "two", "card.1.button.0.1": "x"}
    first, second = render_text(CAROUSEL, values).cards
    assert (first.header_format, first.header_media, first.body) == ("image", "https://a.in/1.jpg", "Only two left")
    assert (second.body, second.buttons[0].target) == ("Only {{1}} left", "https://s.in/x")


def test_it_fills_as_many_product_cards_as_there_are_products():
    values = {"card.0.header.catalog_id": "9"} | {f"card.{i}.header.product_retailer_id": f"S{i}" for i in range(5)}
    (carousel,) = build_components(PRODUCT_CARDS, None, values)
    products = [one["components"][0]["parameters"][0]["product"] for one in carousel["cards"]]
    assert products == [{"product_retailer_id": f"S{i}", "catalog_id": "9"} for i in range(5)]


def test_it_asks_only_for_the_product_cards_that_are_needed():
    template = compile_template(PRODUCT_CARDS)
    wanted = [gap.key for gap in template.variables]
    assert wanted == [
        "card.0.header.product_retailer_id",
        "card.0.header.catalog_id",
        "card.1.header.product_retailer_id",
    ]
    assert "card.9.header.product_retailer_id" in [gap.key for gap in template.options]
    assert "card.10.header.product_retailer_id" not in [gap.key for gap in template.options]


def test_it_fills_a_place():
    (header,) = build_components(LOCATION, None, PLACE)
    place = {"latitude": 19.0178, "longitude": 72.8478, "name": "Dadar", "address": "Mumbai"}
    assert header == {"type": "header", "parameters": [{"type": "location", "location": place}]}
    assert render_text(LOCATION, PLACE).header_detail == "Dadar, Mumbai"


@pytest.mark.parametrize("latitude", ["north", "91", "-90.1", "nan", "inf", ""])
def test_it_refuses_a_place_off_the_map(latitude):
    with pytest.raises(MissingValue) as caught:
        build_components(LOCATION, None, PLACE | {"header.latitude": latitude})
    assert caught.value.key == "header.latitude"


@pytest.mark.parametrize("end", ["2099-01-02T00:00:00Z", "2099-01-02T05:30:00+05:30", "4070995200", "4070995200000"])
def test_it_fills_the_end_of_an_offer(end):
    (offer,) = build_components(OFFER, None, {"limited_time_offer.expiration": end})
    assert offer["parameters"][0]["limited_time_offer"] == {"expiration_time_ms": 4070995200000}


@pytest.mark.parametrize("end", ["tomorrow", "2027-01-02T00:00:00", "0", "9" * 30, "2027-13-01"])
def test_it_refuses_an_end_that_is_no_moment(end):
    with pytest.raises(MissingValue, match="zone"):
        build_components(OFFER, None, {"limited_time_offer.expiration": end})


@pytest.mark.parametrize("end", ["2020-01-02T00:00:00Z", "1"])
def test_it_refuses_an_end_that_has_passed(end):
    with pytest.raises(MissingValue, match="ended already"):
        build_components(OFFER, None, {"limited_time_offer.expiration": end})


def test_it_needs_no_end_for_an_offer_that_shows_none():
    quiet = [{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over"}}, BODY]
    assert build_components(quiet, None, {}) == []
    assert render_text(quiet, {}).offer == "Soon over"


def test_it_fills_products_and_shows_the_first_one_s_picture():
    (button,) = build_components(PRODUCTS, None, {"button.0.sections": "Best: S1, S2 ; New: S3"})
    assert button["parameters"][0]["action"] == {
        "thumbnail_product_retailer_id": "S1",
        "sections": [
            {"title": "Best", "product_items": [{"product_retailer_id": "S1"}, {"product_retailer_id": "S2"}]},
            {"title": "New", "product_items": [{"product_retailer_id": "S3"}]},
        ],
    }


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        (";", "1 to 10"),
        ("Best:", "1 to 30"),
        ("Best: S1; New:", "without products"),
        ("S1; S2", "title is empty"),
        (f"{'B' * 25}: S1", "at most 24"),
        (", ".join(f"S{i}" for i in range(31)), "not 31"),
        ("; ".join(f"T{i}: S{i}" for i in range(11)), "not 11"),
        ("[{", "no JSON"),
    ],
)
def test_it_refuses_products_that_cannot_be_shown(sections, complaint):
    with pytest.raises(MissingValue, match=complaint) as caught:
        build_components(PRODUCTS, None, {"button.0.sections": sections})
    assert caught.value.key == "button.0.sections"


def test_it_takes_sections_in_meta_s_own_words():
    written = '[{"title": "A; B", "product_items": [{"product_retailer_id": "S:1"}]}]'
    (button,) = build_components(PRODUCTS, None, {"button.0.sections": written})
    assert button["parameters"][0]["action"]["sections"][0]["title"] == "A; B"


def test_it_puts_a_code_into_the_text_and_onto_the_button():
    words, button = build_components(CODE, None, {"body.1": "481516"})
    assert words["parameters"] == button["parameters"] == [{"type": "text", "text": "481516"}]
    assert (button["sub_type"], button["index"]) == ("url", "0")
    assert [gap.key for gap in variables_of(CODE)] == ["body.1"]


def test_it_knows_the_code_s_button_as_meta_gives_it_back():
    button = {
        "type": "URL",
        "text": "Copy",
        "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
    }
    template = [{"type": "BODY", "text": "*{{1}}* is your code."}, {"type": "BUTTONS", "buttons": [button]}]
    assert [gap.key for gap in variables_of(template)] == ["body.1"]
    assert len(build_components(template, None, {"body.1": "481516"})) == 2


def test_it_sends_payloads_only_where_it_has_them():
    assert build_components(QUICK, None, {}) == []
    (one,) = build_components(QUICK, None, {"button.1.payload": "no"})
    assert (one["index"], one["parameters"]) == ("1", [{"type": "payload", "payload": "no"}])
    both = build_components(QUICK, None, {"payload": "c42", "button.1.payload": "no"})
    assert [button["parameters"][0]["payload"] for button in both] == ["c42", "no"]


def test_it_names_a_document_only_when_it_has_a_name():
    header = [{"type": "HEADER", "format": "DOCUMENT"}]
    named = build_components(header, None, {"header.media": "12", "header.filename": "bill.pdf"})
    assert named[0]["parameters"][0]["document"] == {"id": "12", "filename": "bill.pdf"}
    plain = build_components(header, None, {"header.media": "12"})
    assert plain[0]["parameters"][0]["document"] == {"id": "12"}
