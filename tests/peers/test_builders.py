"""Our message bodies beside those that pywa posts for the same input: two readings of Meta's documents agree."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from pywa import WhatsApp
from pywa.types import Button, Contact, ProductsSection, SectionList, SectionRow, URLButton
from pywa.types import Section as PywaSection
from pywa.types import templates as peer
from pywa.types.templates import TemplateLanguage

from app.meta import acknowledgements as ours_too
from app.meta import contact_messages, interactive, location_messages, media_messages, product_messages
from app.meta.components import build_components
from app.meta.messages import marketing, template_message, text_message
from app.meta.product_sections import ProductSection

TO = "+919812345678"
DATA = "m7"
WAMID = "wamid.HBgM"
PICTURE = "https://cdn.example.in/a.jpg"
SKUS = [ProductSection("Best", ["SKU1", "SKU2"]), ProductSection("New", ["SKU3"])]
PEERS_SKUS = [ProductsSection(section.title, section.products) for section in SKUS]
ACCEPTED = {"messaging_product": "whatsapp", "contacts": [{"input": TO, "wa_id": TO[1:]}], "messages": [{"id": WAMID}]}

Body = dict[str, Any]


class Peer:
    """pywa's client, whose requests end here: what it posted last is in `body`, and where in `path`."""

    def __init__(self) -> None:
        session = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.client = WhatsApp(phone_id="1065", token="x", session=session)
        self.session = session

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.body, self.path = json.loads(request.content), request.url.path
        return httpx.Response(
            200, json=ACCEPTED if "to" in self.body or "recipient" in self.body else {"success": True}
        )


@pytest.fixture
def pywa() -> Iterator[Peer]:
    opened = Peer()
    yield opened
    opened.session.close()


def plain(value: Any, key: str = "") -> Any:
    """A body without the differences that mean nothing to Meta: case of types, numbers as text, absent as None."""
    if isinstance(value, Mapping):
        return {name: plain(item, name) for name, item in value.items() if item not in (None, [], ())}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if key in ("type", "sub_type") and isinstance(value, str):
        return value.lower()
    return str(value) if key == "index" else value


FREE_FORM: dict[str, tuple[Body, Callable[[WhatsApp], object]]] = {
    "text": (
        text_message(TO, "Hi *Asha*", DATA, preview_url=True),
        lambda wa: wa.send_text(to=TO, text="Hi *Asha*", preview_url=True, tracker=DATA),
    ),
    "reply": (
        text_message(TO, "Yes", DATA, reply_to=WAMID),
        lambda wa: wa.send_text(to=TO, text="Yes", preview_url=False, reply_to_message_id=WAMID, tracker=DATA),
    ),
    "to a user id": (
        text_message(None, "Hi", DATA, recipient="IN.13491208655302741918"),
        lambda wa: wa.send_text(to="IN.13491208655302741918", text="Hi", preview_url=False, tracker=DATA),
    ),
    "image by link": (
        media_messages.image_message(TO, PICTURE, DATA, caption="New"),
        lambda wa: wa.send_image(to=TO, image=PICTURE, caption="New", tracker=DATA),
    ),
    "image by id": (
        media_messages.image_message(TO, "1037543291543636", DATA),
        lambda wa: wa.send_image(to=TO, image="1037543291543636", tracker=DATA),
    ),
    "video": (
        media_messages.video_message(TO, "https://cdn.example.in/a.mp4", DATA, caption="Look", reply_to=WAMID),
        lambda wa: wa.send_video(
            to=TO, video="https://cdn.example.in/a.mp4", caption="Look", reply_to_message_id=WAMID, tracker=DATA
        ),
    ),
    "document": (
        media_messages.document_message(TO, "1234567", DATA, filename="bill.pdf", caption="Your bill"),
        lambda wa: wa.send_document(to=TO, document="1234567", filename="bill.pdf", caption="Your bill", tracker=DATA),
    ),
    "audio": (
        media_messages.audio_message(TO, "1234567", DATA),
        lambda wa: wa.send_audio(to=TO, audio="1234567", tracker=DATA),
    ),
    "voice": (
        media_messages.audio_message(TO, "1234567", DATA, voice=True),
        lambda wa: wa.send_voice(to=TO, voice="1234567", tracker=DATA),
    ),
    "sticker": (
        media_messages.sticker_message(TO, "1234567", DATA),
        lambda wa: wa.send_sticker(to=TO, sticker="1234567", tracker=DATA),
    ),
    "location": (
        location_messages.location_message(TO, 19.0178, 72.8478, DATA, name="Dadar", address="Mumbai 400014"),
        lambda wa: wa.send_location(
            to=TO, latitude=19.0178, longitude=72.8478, name="Dadar", address="Mumbai 400014", tracker=DATA
        ),
    ),
    "contacts": (
        contact_messages.contacts_message(
            TO,
            [contact_messages.ContactCard("Asha Rao", "Asha", "Rao", ["+912269001234"], ["asha@example.in"], "Sweets")],
            DATA,
        ),
        lambda wa: wa.send_contact(
            to=TO,
            contact=Contact(
                name=Contact.Name(formatted_name="Asha Rao", first_name="Asha", last_name="Rao"),
                phones=[Contact.Phone(phone="+912269001234")],
                emails=[Contact.Email(email="asha@example.in")],
                org=Contact.Org(company="Sweets"),
            ),
            tracker=DATA,
        ),
    ),
    "reaction": (
        ours_too.reaction_message(TO, WAMID, "👍", DATA),
        lambda wa: wa.send_reaction(to=TO, emoji="👍", message_id=WAMID, tracker=DATA),
    ),
    "reaction taken back": (
        ours_too.reaction_message(TO, WAMID, "", DATA),
        lambda wa: wa.remove_reaction(to=TO, message_id=WAMID, tracker=DATA),
    ),
    "buttons": (
        interactive.buttons_message(
            TO,
            "Shall we?",
            [interactive.ReplyButton("y", "Yes"), interactive.ReplyButton("n", "No")],
            DATA,
            header=interactive.text_header("A question"),
            footer="Sahyadri",
        ),
        lambda wa: wa.send_text(
            to=TO,
            text="Shall we?",
            header="A question",
            footer="Sahyadri",
            buttons=[Button("Yes", "y"), Button("No", "n")],
            tracker=DATA,
        ),
    ),
    "buttons under an image": (
        interactive.buttons_message(
            TO,
            "Shall we?",
            [interactive.ReplyButton("y", "Yes")],
            DATA,
            header=interactive.media_header("image", PICTURE),
        ),
        lambda wa: wa.send_image(to=TO, image=PICTURE, caption="Shall we?", buttons=[Button("Yes", "y")], tracker=DATA),
    ),
    "buttons under a document": (
        interactive.buttons_message(
            TO,
            "Is it right?",
            [interactive.ReplyButton("y", "Yes")],
            DATA,
            header=interactive.media_header("document", "1234567", filename="bill.pdf"),
        ),
        lambda wa: wa.send_document(
            to=TO,
            document="1234567",
            filename="bill.pdf",
            caption="Is it right?",
            buttons=[Button("Yes", "y")],
            tracker=DATA,
        ),
    ),
    "list": (
        interactive.list_message(
            TO,
            "Where to?",
            "Choose",
            [
                interactive.Section("Sea", [interactive.Row("goa", "Goa", "3 nights")]),
                interactive.Section("Hills", [interactive.Row("mun", "Munnar")]),
            ],
            DATA,
            header="Trips",
            footer="Sahyadri",
        ),
        lambda wa: wa.send_text(
            to=TO,
            text="Where to?",
            header="Trips",
            footer="Sahyadri",
            buttons=SectionList(
                "Choose",
                [
                    PywaSection("Sea", [SectionRow("Goa", "goa", "3 nights")]),
                    PywaSection("Hills", [SectionRow("Munnar", "mun")]),
                ],
            ),
            tracker=DATA,
        ),
    ),
    "link": (
        interactive.link_message(TO, "Our trips", "See them", "https://example.in/t", DATA, footer="Sahyadri"),
        lambda wa: wa.send_text(
            to=TO,
            text="Our trips",
            footer="Sahyadri",
            buttons=URLButton("See them", "https://example.in/t"),
            tracker=DATA,
        ),
    ),
    "product": (
        product_messages.product_message(TO, "900100", "SKU1", DATA, body="Fresh", footer="Box"),
        lambda wa: wa.send_product(to=TO, catalog_id="900100", sku="SKU1", body="Fresh", footer="Box", tracker=DATA),
    ),
    "product without words": (
        product_messages.product_message(TO, "900100", "SKU1", DATA),
        lambda wa: wa.send_product(to=TO, catalog_id="900100", sku="SKU1", tracker=DATA),
    ),
    "products": (
        product_messages.product_list_message(TO, "900100", "Our sweets", "Pick", SKUS, DATA, footer="Box"),
        lambda wa: wa.send_products(
            to=TO,
            catalog_id="900100",
            product_sections=PEERS_SKUS,
            title="Our sweets",
            body="Pick",
            footer="Box",
            tracker=DATA,
        ),
    ),
    "catalog": (
        product_messages.catalog_message(TO, "All we have", DATA, thumbnail="SKU1"),
        lambda wa: wa.send_catalog(to=TO, body="All we have", thumbnail_product_sku="SKU1", tracker=DATA),
    ),
    "catalog without a thumbnail": (
        product_messages.catalog_message(TO, "All we have", DATA, footer="Box"),
        lambda wa: wa.send_catalog(to=TO, body="All we have", footer="Box", tracker=DATA),
    ),
    "read": (ours_too.read_receipt(WAMID), lambda wa: wa.mark_message_as_read(WAMID)),
    "read and typing": (ours_too.read_receipt(WAMID, typing=True), lambda wa: wa.indicate_typing(WAMID)),
}


@pytest.mark.parametrize("kind", FREE_FORM)
def test_it_writes_free_messages_as_pywa_does(kind: str, pywa: Peer) -> None:
    ours, post = FREE_FORM[kind]
    post(pywa.client)
    assert plain(ours) == plain(pywa.body)


def header(form: str, **more: object) -> Body:
    return {"type": "HEADER", "format": form, **more}


def body(words: str) -> Body:
    return {"type": "BODY", "text": words}


def buttons(*listed: Body) -> Body:
    return {"type": "BUTTONS", "buttons": list(listed)}


SHOP = {"type": "URL", "text": "Shop", "url": "https://s.example.in/{{1}}"}
REPLY = {"type": "QUICK_REPLY", "text": "Stop"}
CARD = [header("IMAGE"), body("Only {{1}} left today"), buttons(REPLY, SHOP)]
ENDS = datetime.datetime(2099, 1, 2, tzinfo=datetime.UTC)


def peers_card(index: int, picture: str, words: str) -> peer.CarouselCard._Params:
    params = [
        peer.HeaderImage.params(image=picture),
        peer.BodyText.params(words),
        peer.QuickReplyButton.params(callback_data=f"stop{index}", index=0),
        peer.URLButton.params(url_variable=f"r/{index}", index=1),
    ]
    return peer.CarouselCard.params(params=params, index=index)


TEMPLATES: dict[str, tuple[list[Body], dict[str, str], list[peer.BaseParams]]] = {
    "nothing to fill": ([body("Hello!")], {}, []),
    "positional": (
        [header("TEXT", text="For {{1}}"), body("Hi {{1}}, see {{2}} now")],
        {"header.1": "you", "body.1": "Asha", "body.2": "Goa"},
        [peer.HeaderText.params("you"), peer.BodyText.params("Asha", "Goa")],
    ),
    "named": (
        [header("TEXT", text="For {{who}}"), body("Hi {{first_name}}, see {{place}} now")],
        {"header.who": "you", "body.first_name": "Asha", "body.place": "Goa"},
        [peer.HeaderText.params(who="you"), peer.BodyText.params(first_name="Asha", place="Goa")],
    ),
    "image": ([header("IMAGE"), body("Hi")], {"header.media": PICTURE}, [peer.HeaderImage.params(image=PICTURE)]),
    "video": ([header("VIDEO"), body("Hi")], {"header.media": "12345"}, [peer.HeaderVideo.params(video="12345")]),
    "document": (
        [header("DOCUMENT"), body("Hi")],
        {"header.media": "12345", "header.filename": "bill.pdf"},
        [peer.HeaderDocument.params(document="12345", filename="bill.pdf")],
    ),
    "location": (
        [header("LOCATION"), body("Hi")],
        {
            "header.latitude": "19.0178",
            "header.longitude": "72.8478",
            "header.name": "Dadar",
            "header.address": "Mumbai",
        },
        [peer.HeaderLocation.params(lat=19.0178, lon=72.8478, name="Dadar", address="Mumbai")],
    ),
    "product": (
        [header("PRODUCT"), body("Hi"), buttons({"type": "SPM", "text": "View"})],
        {"header.product_retailer_id": "SKU1", "header.catalog_id": "900100"},
        [peer.HeaderProduct.params(catalog_id="900100", sku="SKU1")],
    ),
    "buttons": (
        [body("Hi"), buttons(REPLY, SHOP, {"type": "COPY_CODE", "example": "A"})],
        {"button.0.payload": "STOP_c42", "button.1.1": "r/9001", "button.2.code": "LIGHT20"},
        [
            peer.QuickReplyButton.params(callback_data="STOP_c42", index=0),
            peer.URLButton.params(url_variable="r/9001", index=1),
            peer.CopyCodeButton.params(coupon_code="LIGHT20", index=2),
        ],
    ),
    "catalog": (
        [body("Hi"), buttons({"type": "CATALOG", "text": "View catalog"})],
        {"button.0.thumbnail": "SKU1"},
        [peer.CatalogButton.params(thumbnail_product_sku="SKU1", index=0)],
    ),
    "products": (
        [body("Hi"), buttons({"type": "MPM", "text": "View items"})],
        {"button.0.sections": "Best: SKU1, SKU2; New: SKU3", "button.0.thumbnail": "SKU2"},
        [peer.MPMButton.params(product_sections=PEERS_SKUS, thumbnail_product_sku="SKU2", index=0)],
    ),
    "one-time code": (
        [body("*{{1}}* is your code."), buttons({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"})],
        {"body.1": "481516"},
        [peer.AuthenticationBody.params(otp="481516"), peer.CopyCodeOTPButton.params(otp="481516")],
    ),
    "carousel": (
        [body("Hi {{1}}, look"), {"type": "CAROUSEL", "cards": [{"components": CARD}, {"components": CARD}]}],
        {
            "body.1": "Asha",
            "card.0.header.media": PICTURE,
            "card.0.body.1": "two",
            "card.0.button.0.payload": "stop0",
            "card.0.button.1.1": "r/0",
            "card.1.header.media": "12345",
            "card.1.body.1": "nine",
            "card.1.button.0.payload": "stop1",
            "card.1.button.1.1": "r/1",
        },
        [
            peer.BodyText.params("Asha"),
            peer.Carousel.params(cards=[peers_card(0, PICTURE, "two"), peers_card(1, "12345", "nine")]),
        ],
    ),
    "carousel of products": (
        [body("Hi"), {"type": "CAROUSEL", "cards": [{"components": [header("PRODUCT")]}] * 2}],
        {
            "card.0.header.product_retailer_id": "SKU1",
            "card.0.header.catalog_id": "900100",
            "card.1.header.product_retailer_id": "SKU2",
            "card.2.header.product_retailer_id": "SKU3",
        },
        [
            peer.Carousel.params(
                cards=[
                    peer.CarouselCard.params(
                        params=[peer.HeaderProduct.params(catalog_id="900100", sku=f"SKU{index + 1}")], index=index
                    )
                    for index in range(3)
                ]
            )
        ],
    ),
}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_it_writes_templates_as_pywa_does(kind: str, pywa: Peer) -> None:
    definition, values, params = TEMPLATES[kind]
    ours = template_message(TO, "offer", "en_US", build_components(definition, None, values), DATA)
    pywa.client.send_template(to=TO, name="offer", language=TemplateLanguage.ENGLISH_US, params=params, tracker=DATA)
    assert plain(ours) == plain(pywa.body)


def test_it_writes_a_limited_time_offer_as_pywa_does_but_in_milliseconds(pywa: Peer) -> None:
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over", "has_expiration": True}}
    values = {"limited_time_offer.expiration": ENDS.isoformat()}
    ours = template_message(TO, "offer", "en_US", build_components([offer, body("Hi")], None, values), DATA)
    params = [peer.LimitedTimeOffer.params(expiration_time=ENDS)]
    pywa.client.send_template(to=TO, name="offer", language=TemplateLanguage.ENGLISH_US, params=params, tracker=DATA)
    # pywa 4.5.0 puts seconds under Meta's name for milliseconds; the rest must agree.
    theirs = pywa.body["template"]["components"][0]["parameters"][0]["limited_time_offer"]
    assert theirs["expiration_time_ms"] == int(ENDS.timestamp())
    theirs["expiration_time_ms"] *= 1000
    assert plain(ours) == plain(pywa.body)


def test_it_writes_to_the_marketing_service_as_pywa_does(pywa: Peer) -> None:
    ours = marketing(template_message(TO, "offer", "en_US", [], DATA), message_activity_sharing=True)
    pywa.client.send_template(
        to=TO,
        name="offer",
        language=TemplateLanguage.ENGLISH_US,
        use_mm_lite_api=True,
        message_activity_sharing=True,
        tracker=DATA,
    )
    assert pywa.path.endswith("/1065/marketing_messages")
    assert plain(ours) == plain(pywa.body)
