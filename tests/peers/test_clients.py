"""pywa as a client of the sandbox: what it sends is accepted, what it is refused raises its own class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import httpx
import pytest
from pywa import WhatsApp, errors
from pywa.types import Button, ProductsSection
from pywa.types import templates as t
from pywa.types.others import Pagination
from pywa.types.templates import TemplateCategory, TemplateLanguage

from sandbox.aftermath import FAILING_LATER
from sandbox.errors import TITLES
from tests.sandbox.programs import Receiver, await_true
from tests.sandboxes import Sandbox

PHONE, ACCOUNT, APP = "100000000000001", "200000000000001", "400000000000001"
CATALOG, ASHA = "900000000000001", "919812345678"


class _Here(httpx.HTTPTransport):
    """pywa knows one address only, Meta's; its calls go to the sandbox all the same."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        here = self._url
        request.url = request.url.copy_with(scheme=here.scheme, host=here.host, port=here.port)
        return super().handle_request(request)


@pytest.fixture
def running(sandbox_program: Sandbox) -> Sandbox:
    """A fresh sandbox in which Meta decides at once."""
    sandbox_program.control("POST", "reset")
    reviews = {"template_ms": 0, "item_ms": 0, "batch_ms": 0}
    statuses = {"delay_ms": 20}
    sandbox_program.control("PUT", "config", latency_ms=0, throughput_mps=0, reviews=reviews, statuses=statuses)
    return sandbox_program


@pytest.fixture
def client(running: Sandbox) -> Iterator[WhatsApp]:
    session = httpx.Client(transport=_Here(running.url))
    yield WhatsApp(phone_id=PHONE, token="sandbox-token", waba_id=ACCOUNT, app_id=APP, session=session)
    session.close()


@pytest.fixture
def window(running: Sandbox) -> None:
    """Asha has just written."""
    running.control("POST", "inbound", **{"from": ASHA, "text": "Hi"})


def sent(running: Sandbox) -> dict[str, object]:
    message: dict[str, object] = running.control("GET", "messages?limit=1")["messages"][0]
    return message


@pytest.mark.usefixtures("window")
def test_it_sends_text_with_buttons(client: WhatsApp, running: Sandbox) -> None:
    message = client.send_message(ASHA, "Ready?", buttons=[Button("Yes", "yes")], tracker="m:1")
    assert message.id == sent(running)["id"]
    assert sent(running)["biz_opaque_callback_data"] == "m:1"


def test_it_sends_a_positional_template(client: WhatsApp, running: Sandbox) -> None:
    params = [t.BodyText.params("Asha", "Pune"), t.QuickReplyButton.params(callback_data="yes", index=0)]
    message = client.send_template(ASHA, "goa_monsoon_offer", TemplateLanguage.ENGLISH, params)
    assert (message.id, sent(running)["template"]) == (sent(running)["id"], "goa_monsoon_offer")


def test_it_sends_a_named_template_with_an_image(client: WhatsApp) -> None:
    image = client.upload_media(b"picture", mime_type="image/png", filename="a.png")
    params = [
        t.HeaderImage.params(image=image.id),
        t.BodyText.params(first_name="Asha", destination="Jaipur"),
        t.URLButton.params(url_variable="r/1", index=0),
    ]
    assert client.send_template(ASHA, "diwali_getaways", TemplateLanguage.ENGLISH, params).id


def test_it_sends_marketing_through_its_own_door(client: WhatsApp) -> None:
    params = [t.BodyText.params("Asha", "Pune")]
    sent_on = client.send_template(ASHA, "goa_monsoon_offer", TemplateLanguage.ENGLISH, params, use_mm_lite_api=True)
    assert sent_on.id
    visa = [t.BodyText.params("A", "B", "C")]
    with pytest.raises(errors.WhatsAppError, match="134100"):
        client.send_template(ASHA, "visa_update", TemplateLanguage.ENGLISH, visa, use_mm_lite_api=True)


@pytest.mark.usefixtures("window")
def test_it_sends_products(client: WhatsApp) -> None:
    assert client.send_product(ASHA, CATALOG, "KAJU-500", body="Fresh").id
    assert client.send_catalog(ASHA, "Our shop", thumbnail_product_sku="HAMPER").id
    sections = [ProductsSection("Goa", ["GOA-3N", "GOA-5N"]), ProductsSection("Sweets", ["LADDU-12"])]
    assert client.send_products(ASHA, CATALOG, sections, title="Ours", body="Choose").id


@pytest.mark.usefixtures("window")
def test_it_uploads_downloads_and_deletes_media(client: WhatsApp) -> None:
    media = client.upload_media(b"picture", mime_type="image/png", filename="a.png")
    assert client.send_image(ASHA, media.id, caption="Look").id
    url = client.get_media_url(media.id)
    assert (url.mime_type, url.file_size) == ("image/png", 7)
    assert client.get_media_bytes(url.url) == b"picture"
    assert client.delete_media(media.id)


def test_it_marks_as_read_while_typing(client: WhatsApp, running: Sandbox) -> None:
    wamid = running.control("POST", "inbound", **{"from": ASHA, "text": "Hi"})["id"]
    assert client.mark_message_as_read(wamid)
    assert client.indicate_typing(wamid)


def test_it_makes_lists_and_deletes_templates(client: WhatsApp) -> None:
    template = t.Template(
        name="new_year",
        category=TemplateCategory.MARKETING,
        language=TemplateLanguage.ENGLISH_US,
        parameter_format=t.ParamFormat.NAMED,
        components=[
            t.HeaderImage(example=b"picture", mime_type="image/png"),
            t.BodyText("Hello {{first_name}}, a happy new year to you!", first_name="Asha"),
            t.FooterText(text="Reply STOP to opt out"),
            t.Buttons(
                buttons=[
                    t.QuickReplyButton(text="Stop"),
                    t.URLButton(text="Shop", url="https://example.in/{{1}}", example="https://example.in/x"),
                ]
            ),
        ],
    )
    made = client.create_template(template)
    assert (made.status, made.category) == (t.TemplateStatus.PENDING, TemplateCategory.MARKETING)
    await_true(lambda: client.get_template(made.id).status is t.TemplateStatus.APPROVED)
    found = client.get_templates(name="new_year")
    assert [one.id for one in found] == [made.id]
    assert client.delete_template("new_year", template_id=made.id)
    assert not list(client.get_templates(name="new_year"))


def test_it_pages_through_all_templates(client: WhatsApp) -> None:
    seen, after = [], None
    while page := list(found := client.get_templates(pagination=Pagination(limit=4, after=after))):
        seen += [one.id for one in page]
        after = found.after
    assert found.total_count == len(set(seen)) == 11


def test_it_reads_the_account_and_its_number(client: WhatsApp) -> None:
    assert client.get_business_account().name == "Sahyadri Holidays"
    assert client.get_business_phone_number().verified_name == "Sahyadri Holidays"
    (number,) = islice(client.get_business_phone_numbers(), 2)
    assert number.id == PHONE
    client.update_commerce_settings(is_catalog_visible=True)
    assert client.get_commerce_settings().is_catalog_visible
    assert client.register_phone_number(pin="123456")


# Codes of parts of Meta that the sandbox does not play: calls, groups, flows, sign-up, names, blocking by hand.
PLAYED = (errors.AuthorizationError, errors.ThrottlingError, errors.IntegrityError, errors.SendMessageError)
CLASSES = [one for family in PLAYED for one in family.__subclasses__() if one.__error_codes__]
BY_CODE = {code: one for one in CLASSES for code in one.__error_codes__ or () if code in TITLES}


def test_it_plays_every_error_of_sending() -> None:
    assert set(BY_CODE.values()) == set(CLASSES)


@pytest.mark.parametrize("code", BY_CODE)
def test_it_raises_the_class_of_every_error(client: WhatsApp, running: Sandbox, code: int) -> None:
    running.control("PUT", "config", fail_with=code)
    with pytest.raises(BY_CODE[code]) as raised:
        client.send_template(ASHA, "goa_monsoon_offer", TemplateLanguage.ENGLISH, [t.BodyText.params("Asha", "Pune")])
    assert raised.value.code == code


@pytest.mark.parametrize("code", [code for code in BY_CODE if code >= 100_000 and str(code) not in FAILING_LATER])
def test_it_raises_the_error_a_number_ends_with(client: WhatsApp, code: int) -> None:
    params = [t.BodyText.params("Asha", "Pune")]
    with pytest.raises(BY_CODE[code]):
        client.send_template(f"919812{code}", "goa_monsoon_offer", TemplateLanguage.ENGLISH, params)


@pytest.mark.parametrize("code", sorted(FAILING_LATER))
def test_it_hears_later_of_the_error_a_number_ends_with(client: WhatsApp, running: Sandbox, code: str) -> None:
    receiver = Receiver()
    receiver.open()
    running.control("PUT", "config", webhooks={"url": receiver.url})
    client.send_template(
        f"919812{code}", "goa_monsoon_offer", TemplateLanguage.ENGLISH, [t.BodyText.params("Asha", "Pune")]
    )
    await_true(receiver.statuses)
    receiver.close()
    error = errors.WhatsAppError.from_dict(receiver.statuses()[0]["errors"][0])
    assert type(error) is BY_CODE[int(code)]


def offer(client: WhatsApp, *words: str) -> object:
    return client.send_template(ASHA, "goa_monsoon_offer", TemplateLanguage.ENGLISH, [t.BodyText.params(*words)])


REFUSED: list[tuple[type[errors.WhatsAppError], Callable[[WhatsApp], object]]] = [
    (errors.ReEngagementMessage, lambda client: client.send_message(ASHA, "Hello")),
    (errors.TemplateParamCountMismatch, lambda client: offer(client, "Asha")),
    (errors.TemplateTextTooLong, lambda client: offer(client, "Asha", "x" * 1000)),
    (errors.TemplateNotExists, lambda client: client.send_template(ASHA, "none", TemplateLanguage.ENGLISH, [])),
    (errors.TemplatePaused, lambda client: client.send_template(ASHA, "last_minute_deals", TemplateLanguage.ENGLISH)),
    (errors.RecipientCannotBeSender, lambda client: client.send_message("912269001234", "Hello")),
    (errors.InvalidParameter, lambda client: client.send_message("12345", "Hello")),
    (errors.MissingRequiredParameter, lambda client: client.send_message(ASHA, "")),
]


@pytest.mark.parametrize(("kind", "call"), REFUSED)
def test_it_raises_the_class_of_its_own_mistakes(
    client: WhatsApp, kind: type[errors.WhatsAppError], call: Callable[[WhatsApp], object]
) -> None:
    with pytest.raises(kind):
        call(client)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (errors.ExpiredAccessToken, {"token_expired": True}),
        (errors.UnknownError, {"faults": {"http_500_rate": 1}}),
        (
            errors.MarketingTemplatesDisabledForCloudAPI,
            {"marketing": {"disable_marketing_messages_on_cloud_api": True}},
        ),
    ],
)
def test_it_raises_the_class_of_a_fault(
    client: WhatsApp, running: Sandbox, kind: type[errors.WhatsAppError], change: dict[str, object]
) -> None:
    running.control("PUT", "config", **change)
    with pytest.raises(kind):
        offer(client, "Asha", "Pune")


@pytest.mark.parametrize(
    ("kind", "change", "granted"),
    [
        (errors.RateLimitHit, {"throughput_mps": 1}, 1),
        (errors.SpamRateLimitHit, {"messaging_limit": 2}, 2),
        (errors.TemplatePaused, {"quality": {"pause_after_sends": 3}}, 3),
    ],
)
def test_it_raises_the_class_of_a_limit(
    client: WhatsApp, running: Sandbox, kind: type[errors.WhatsAppError], change: dict[str, object], granted: int
) -> None:
    running.control("PUT", "config", **change)
    params = [t.BodyText.params("Asha")]
    for number in range(granted):
        client.send_template(f"91980000000{number}", "welcome_offer", TemplateLanguage.ENGLISH, params)
    with pytest.raises(kind):
        client.send_template("919800000009", "welcome_offer", TemplateLanguage.ENGLISH, params)


def test_it_raises_the_class_of_the_pair_rate(client: WhatsApp, running: Sandbox) -> None:
    running.control("PUT", "config", pair_rate=60)
    for _ in range(45):
        offer(client, "Asha", "Pune")
    with pytest.raises(errors.TooManyMessages):
        offer(client, "Asha", "Pune")


def test_it_tells_why_a_template_was_refused(client: WhatsApp) -> None:
    template = t.Template(
        name="visa_update",
        category=TemplateCategory.UTILITY,
        language=TemplateLanguage.ENGLISH,
        components=[t.BodyText("Hello there.")],
    )
    with pytest.raises(errors.WhatsAppError) as refused:
        client.create_template(template)
    assert (refused.value.subcode, refused.value.user_title) == (2388024, "Content in this language already exists")
