"""Messages within the customer-service window: what Meta allows is written, what it would refuse is told before."""

import json

import pytest
import responses

from app.meta.acknowledgements import mark_read, reaction_message
from app.meta.contact_messages import ContactCard, contacts_message
from app.meta.interactive import (
    ReplyButton,
    Row,
    Section,
    buttons_message,
    link_message,
    list_message,
    media_header,
    text_header,
)
from app.meta.location_messages import location_message
from app.meta.media_messages import audio_message, document_message, image_message, sticker_message, video_message
from app.meta.messages import BadMessage, marketing, send, template_message, text_message
from app.meta.product_messages import catalog_message, product_list_message, product_message
from app.meta.product_sections import ProductSection

TO, DATA = "+919812345678", "m7"
YES = ReplyButton("y", "Yes")
GOA = Row("goa", "Goa")
SWEETS = [ProductSection("Best", ["SKU1"])]
URL = "https://graph.example/v26.0/1065"


def test_it_names_a_file_by_its_address_or_its_id():
    assert image_message(TO, "https://a.in/1.jpg", DATA, caption="Hi")["image"] == {
        "link": "https://a.in/1.jpg",
        "caption": "Hi",
    }
    assert document_message(TO, "12", DATA, filename="bill.pdf")["document"] == {"id": "12", "filename": "bill.pdf"}
    assert audio_message(TO, "12", DATA, voice=False)["audio"] == {"id": "12", "voice": False}


def test_it_answers_a_message_by_its_id():
    answer = sticker_message(None, "12", DATA, reply_to="wamid.A", recipient="IN.134")
    assert (answer["context"], answer["recipient"]) == ({"message_id": "wamid.A"}, "IN.134")
    assert "to" not in answer


def test_it_keeps_the_callback_data_on_a_reaction():
    assert reaction_message(TO, "wamid.A", "", DATA) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": TO,
        "type": "reaction",
        "reaction": {"message_id": "wamid.A", "emoji": ""},
        "biz_opaque_callback_data": DATA,
    }


def test_it_leaves_the_title_of_an_only_section_away():
    message = list_message(TO, "Where to?", "Choose", [Section(None, [GOA])], DATA)
    assert message["interactive"]["action"]["sections"] == [{"rows": [{"id": "goa", "title": "Goa"}]}]


REFUSED = {
    "nobody to go to": lambda: image_message(None, "12", DATA),
    "no callback data": lambda: location_message(TO, 1, 2, ""),
    "long callback data": lambda: location_message(TO, 1, 2, "x" * 513),
    "empty text": lambda: text_message(TO, " ", DATA),
    "long text": lambda: text_message(TO, "x" * 4097, DATA),
    "a file on this machine": lambda: video_message(TO, "/etc/passwd", DATA),
    "long caption": lambda: image_message(TO, "12", DATA, caption="x" * 1025),
    "off the map": lambda: location_message(TO, 91, 0, DATA),
    "no contact": lambda: contacts_message(TO, [], DATA),
    "a contact without a name": lambda: contacts_message(TO, [ContactCard("", "Asha")], DATA),
    "a reaction to nothing": lambda: reaction_message(TO, "", "👍", DATA),
    "no button": lambda: buttons_message(TO, "Hi", [], DATA),
    "four buttons": lambda: buttons_message(TO, "Hi", [ReplyButton(f"{i}", f"B{i}") for i in range(4)], DATA),
    "twin buttons": lambda: buttons_message(TO, "Hi", [YES, ReplyButton("z", "Yes")], DATA),
    "long label": lambda: buttons_message(TO, "Hi", [ReplyButton("y", "x" * 21)], DATA),
    "long id": lambda: buttons_message(TO, "Hi", [ReplyButton("y" * 257, "x")], DATA),
    "long body": lambda: buttons_message(TO, "x" * 1025, [YES], DATA),
    "long footer": lambda: buttons_message(TO, "Hi", [YES], DATA, footer="x" * 61),
    "long header": lambda: text_header("x" * 61),
    "a header of sound": lambda: media_header("audio", "12"),
    "a list of nothing": lambda: list_message(TO, "Hi", "Choose", [], DATA),
    "an empty section": lambda: list_message(TO, "Hi", "Choose", [Section("A", [GOA]), Section("B", [])], DATA),
    "eleven sections": lambda: list_message(
        TO, "Hi", "Choose", [Section(f"S{i}", [Row(f"{i}", "x")]) for i in range(11)], DATA
    ),
    "eleven rows": lambda: list_message(
        TO, "Hi", "Choose", [Section("A", [Row(f"{i}", "x") for i in range(11)])], DATA
    ),
    "sections without titles": lambda: list_message(
        TO, "Hi", "Choose", [Section(None, [GOA]), Section("B", [Row("m", "M")])], DATA
    ),
    "twin rows": lambda: list_message(TO, "Hi", "Choose", [Section("A", [GOA, GOA])], DATA),
    "long list body": lambda: list_message(TO, "x" * 4097, "Choose", [Section("A", [GOA])], DATA),
    "long list button": lambda: list_message(TO, "Hi", "x" * 21, [Section("A", [GOA])], DATA),
    "long row": lambda: list_message(TO, "Hi", "Choose", [Section("A", [Row("g", "x" * 25)])], DATA),
    "long row description": lambda: list_message(TO, "Hi", "Go", [Section("A", [Row("g", "x", "d" * 73)])], DATA),
    "long row id": lambda: list_message(TO, "Hi", "Go", [Section("A", [Row("g" * 201, "x")])], DATA),
    "long section title": lambda: list_message(TO, "Hi", "Go", [Section("t" * 25, [GOA])], DATA),
    "a link to nowhere": lambda: link_message(TO, "Hi", "Go", "javascript:alert(1)", DATA),
    "a link without a label": lambda: link_message(TO, "Hi", "", "https://a.in", DATA),
    "no catalog": lambda: product_message(TO, "", "SKU1", DATA),
    "no product": lambda: product_message(TO, "900100", "", DATA),
    "products without a header": lambda: product_list_message(TO, "900100", "", "Hi", SWEETS, DATA),
    "products without a text": lambda: product_list_message(TO, "900100", "Our", "", SWEETS, DATA),
    "thirty-one products": lambda: product_list_message(
        TO, "900100", "Our", "Hi", [ProductSection("A", [f"S{i}" for i in range(31)])], DATA
    ),
    "eleven shelves": lambda: product_list_message(
        TO, "900100", "Our", "Hi", [ProductSection(f"A{i}", ["S"]) for i in range(11)], DATA
    ),
    "a catalog without a text": lambda: catalog_message(TO, "", DATA),
    "a free text as marketing": lambda: marketing(text_message(TO, "Hi", DATA)),
    "an unknown policy": lambda: marketing(template_message(TO, "t", "en", [], DATA), product_policy="MAYBE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_meta_would_refuse(name):
    with pytest.raises(BadMessage) as caught:
        REFUSED[name]()
    assert str(caught.value).rstrip("0123456789").endswith((".", "not "))
    assert caught.value.field


def test_it_takes_everything_at_its_longest():
    rows = [Row(f"{i}{'i' * 199}", "t" * 24, "d" * 72) for i in range(10)]
    list_message(TO, "x" * 4096, "b" * 20, [Section("s" * 24, rows)], DATA, header="h" * 60, footer="f" * 60)
    buttons = [ReplyButton(f"{i}{'i' * 255}", f"{i}{'t' * 19}") for i in range(3)]
    buttons_message(TO, "x" * 1024, buttons, "d" * 512, header=text_header("h" * 60))
    product_list_message(TO, "9", "h" * 60, "x", [ProductSection(f"{i}", ["a", "b", "c"]) for i in range(10)], DATA)


@responses.activate
def test_it_marks_a_message_as_read(transport):
    call = responses.post(f"{URL}/messages", json={"success": True})
    mark_read(transport, "1065", "wamid.A", typing=True)
    assert json.loads(call.calls[0].request.body) == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.A",
        "typing_indicator": {"type": "text"},
    }


@responses.activate
def test_it_sends_marketing_through_its_own_door(transport):
    call = responses.post(f"{URL}/marketing_messages", json={"messages": [{"id": "wamid.M"}]})
    payload = marketing(
        template_message(TO, "t", "en", [], DATA), product_policy="STRICT", message_activity_sharing=False
    )
    assert send(transport, "1065", payload, marketing_service=True).wamid == "wamid.M"
    body = json.loads(call.calls[0].request.body)
    assert (body["product_policy"], body["message_activity_sharing"]) == ("STRICT", False)
