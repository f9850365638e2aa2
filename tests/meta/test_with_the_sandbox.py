"""The client against a Graph API that answers over real HTTP and refuses what Meta refuses."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

import pytest

from app.meta.components import compile_template
from app.meta.errors import ErrorClass, MetaError
from app.meta.interactive import ReplyButton, Row, Section, buttons_message, link_message, list_message
from app.meta.location_messages import location_message
from app.meta.media import delete_media, download_media, read_media, upload_media
from app.meta.media_messages import image_message
from app.meta.messages import send, template_message, text_message
from app.meta.phone_numbers import debug_token, list_phone_numbers, read_phone_number, read_waba
from app.meta.subscriptions import list_subscribed_apps, subscribe_app, unsubscribe_app
from app.meta.templates import create_template, delete_templates, list_templates, read_template
from app.meta.transport import Transport
from tests.sandboxes import Sandbox

TOKEN = "sandbox-token"
PHONE, WABA = "100000000000001", "200000000000001"
BODY = {"type": "BODY", "text": "We moved to a larger shop next door."}
ASHA = "+919812345678"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"sweets" * 100


@pytest.fixture
def meta(sandbox_program: Sandbox) -> Iterator[Transport]:
    sandbox_program.control("POST", "reset")
    transport = Transport(sandbox_program.url, "v26.0", TOKEN)
    yield transport
    transport.close()


@pytest.fixture
def window(meta: Transport, sandbox_program: Sandbox) -> None:
    """The customer writes, which opens the customer-service window."""
    sandbox_program.control("POST", "inbound", **{"from": ASHA[1:], "type": "text", "text": {"body": "Hello"}})


def arrived(sandbox: Sandbox, wamid: str) -> dict[str, object]:
    """What the sandbox took in under this id."""
    messages = sandbox.control("GET", "messages")
    listed = messages["messages"] if isinstance(messages, dict) else messages
    return next(message for message in listed if message["id"] == wamid)


def test_it_reads_the_number_the_account_and_the_token(meta: Transport) -> None:
    assert read_phone_number(meta, PHONE).id == PHONE
    assert PHONE in [number.id for number in list_phone_numbers(meta, WABA)]
    assert read_waba(meta, WABA).id == WABA
    assert debug_token(meta, TOKEN).is_valid


def test_it_sends_every_template_it_can_fill(meta: Transport, sandbox_program: Sandbox) -> None:
    for template in list_templates(meta, WABA):
        if template["status"] == "APPROVED":
            compiled = compile_template(template["components"], template.get("parameter_format"))
            values = {gap.key: gap.sample or "x" for gap in compiled.variables}
            message = template_message(ASHA, template["name"], template["language"], compiled.build(values), "m7")
            accepted = send(meta, PHONE, message)
            assert arrived(sandbox_program, accepted.wamid)["biz_opaque_callback_data"] == "m7"


def test_it_is_told_that_a_value_is_missing(meta: Transport) -> None:
    with pytest.raises(MetaError) as caught:
        send(meta, PHONE, template_message(ASHA, "goa_monsoon_offer", "en", [], "m7"))
    assert (caught.value.code, caught.value.error_class) == (132000, ErrorClass.PAYLOAD)


def test_it_is_told_that_the_window_is_closed(meta: Transport) -> None:
    with pytest.raises(MetaError) as caught:
        send(meta, PHONE, text_message("+919812345699", "Hi", "m7"))
    assert (caught.value.code, caught.value.error_class) == (131047, ErrorClass.CUSTOMER)


@pytest.mark.usefixtures("window")
def test_it_answers_a_customer_in_many_ways(meta: Transport) -> None:
    messages = [
        text_message(ASHA, "Hi", "m1", preview_url=True),
        image_message(ASHA, "https://cdn.example.in/a.jpg", "m2", caption="New"),
        location_message(ASHA, 19.0178, 72.8478, "m3", name="Dadar", address="Mumbai"),
        buttons_message(ASHA, "Shall we?", [ReplyButton("y", "Yes")], "m4"),
        list_message(ASHA, "Where to?", "Choose", [Section(None, [Row("goa", "Goa")])], "m5"),
        link_message(ASHA, "Our trips", "See them", "https://example.in", "m6"),
    ]
    wamids = [send(meta, PHONE, message).wamid for message in messages]
    assert len(set(wamids)) == len(messages)


def test_it_keeps_a_template_through_its_life(meta: Transport) -> None:
    definition = {"name": "our_new_shop", "language": "en", "category": "UTILITY", "components": [BODY]}
    made = create_template(meta, WABA, definition)
    assert read_template(meta, made.id)["name"] == "our_new_shop"
    with pytest.raises(MetaError) as caught:
        create_template(meta, WABA, definition)
    assert "exists already" in caught.value.meaning.sentence
    delete_templates(meta, WABA, "our_new_shop")
    assert "our_new_shop" not in [template["name"] for template in list_templates(meta, WABA)]


def test_it_keeps_a_file_through_its_life(meta: Transport) -> None:
    media_id = upload_media(meta, PHONE, "a.png", PICTURE, "image/png")
    into = io.BytesIO()
    assert download_media(meta, read_media(meta, media_id), into) == hashlib.sha256(PICTURE).hexdigest()
    assert into.getvalue() == PICTURE
    delete_media(meta, media_id)
    with pytest.raises(MetaError):
        read_media(meta, media_id)


def test_it_hears_of_the_account_or_not(meta: Transport) -> None:
    subscribe_app(meta, WABA)
    assert len(list(list_subscribed_apps(meta, WABA))) == 1
    unsubscribe_app(meta, WABA)
    assert list(list_subscribed_apps(meta, WABA)) == []
