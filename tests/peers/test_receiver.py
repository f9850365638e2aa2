"""pywa as the receiver of the sandbox's webhooks: every signed byte passes its check, every update its parser."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pywa import WhatsApp, handlers, types
from pywa.types.message import DeletedMessage, EditedMessage

from tests.sandbox.programs import ACCOUNT, ASHA, PHONE, SECRET, Receiver, Sandbox, await_true, offer, template, text

GOA = {"message_template_id": 594100000000001, "message_template_name": "goa_monsoon_offer"}
GOA |= {"message_template_language": "en"}
HANDLED = (
    handlers.MessageHandler,
    handlers.EditedMessageHandler,
    handlers.DeletedMessageHandler,
    handlers.CallbackButtonHandler,
    handlers.CallbackSelectionHandler,
    handlers.FlowCompletionHandler,
    handlers.MessageStatusHandler,
    handlers.PhoneNumberChangeHandler,
    handlers.TemplateStatusUpdateHandler,
    handlers.TemplateQualityUpdateHandler,
    handlers.TemplateCategoryUpdateHandler,
    handlers.TemplateComponentsUpdateHandler,
    handlers.UserMarketingPreferencesHandler,
    handlers.AccountUpdateHandler,
)


class Peer:
    """A sandbox, a real receiver for its posts, and pywa reading what arrived."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver) -> None:
        self.sandbox = sandbox
        self._receiver = receiver
        self._updates: list[Any] = []
        self._wa = WhatsApp(phone_id=PHONE, waba_id=ACCOUNT, token="t", app_secret=SECRET, verify_token="v")
        for one in HANDLED:
            self._wa.add_handlers(one(lambda _, update: self._updates.append(update)))

    def act(self, name: str, who: str = ASHA, **given: Any) -> None:
        self._happen(f"customers/{who}/{name}", given)

    def inbound(self, **act: Any) -> str:
        return self._happen("inbound", {"from": ASHA} | act)["id"]

    def event(self, field: str, **value: Any) -> None:
        self._happen("event", {"field": field, "value": value})

    def _happen(self, call: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return when it was told, so that what happens one after another arrives so."""
        before = len(self._receiver.posts)
        answer = self.sandbox.control("POST", call, body)
        assert answer.ok, answer.text
        await_true(lambda: len(self._receiver.posts) > before)
        return answer.json()

    def send(self, **body: Any) -> str:
        answer = self.sandbox.send(body)
        assert answer.ok, answer.text
        return answer.json()["messages"][0]["id"]

    def read(self, count: int = 1) -> list[Any]:
        """So many updates as pywa understands them, in the order they came."""
        await_true(lambda: len(self._receiver.posts) >= count)
        for post in self._receiver.posts[:count]:
            assert self._wa.webhook_update_validator(post.raw, post.signature) is None
            assert self._wa.webhook_update_handler(post.raw) == ("ok", 200)
        del self._receiver.posts[:count]
        await_true(lambda: len(self._updates) >= count)
        taken, self._updates[:] = list(self._updates), []
        return taken

    def forgery(self) -> tuple[str, int] | None:
        """What pywa says to a post with one byte changed."""
        await_true(lambda: self._receiver.posts)
        post = self._receiver.posts[0]
        return self._wa.webhook_update_validator(post.raw + b" ", post.signature)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Receiver]]:
    receiver = Receiver()
    receiver.open()
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), receiver.url)
    sandbox.start()
    yield sandbox, receiver
    sandbox.stop()
    sandbox.http.close()
    receiver.close()


@pytest.fixture
def peer(running: tuple[Sandbox, Receiver], caplog: pytest.LogCaptureFixture) -> Iterator[Peer]:
    sandbox, receiver = running
    sandbox.control("POST", "reset")
    sandbox.tune(latency_ms=0, statuses={"delay_ms": 60, "read_rate": 1}, webhooks={"batch_size": 1})
    receiver.posts.clear()
    yield Peer(sandbox, receiver)
    complaints = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one for one in complaints if "unmatching signature" not in one] == []


def test_it_refuses_a_post_that_was_changed_on_the_way(peer: Peer) -> None:
    peer.inbound(text="Hi")
    assert peer.forgery() == ("Forbidden", 403)


def test_it_reads_a_text_with_its_sender_and_context(peer: Peer) -> None:
    wamid = peer.send(**offer())
    peer.read(3)
    peer.inbound(text="नमस्ते / 👍", name="आशा", context=wamid)
    (message,) = peer.read()
    assert isinstance(message, types.Message)
    assert (message.text, message.from_user.wa_id, message.from_user.name) == ("नमस्ते / 👍", ASHA, "आशा")
    assert message.from_user.bsuid.startswith("IN.")
    assert message.reply_to_message.id == wamid


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_it_reads_media(peer: Peer, kind: str) -> None:
    peer.inbound(type=kind)
    (message,) = peer.read()
    media = getattr(message, kind)
    assert peer.sandbox.graph("GET", media.id).json()["mime_type"] == media.mime_type
    assert media.sha256


def test_it_reads_places_contacts_and_reactions(peer: Peer) -> None:
    written = peer.inbound(type="location")
    peer.inbound(type="contacts", contacts={"name": "Ravi Kumar", "phone": "+919820011122"})
    peer.inbound(type="reaction", reaction={"message_id": written, "emoji": "👍"})
    peer.inbound(type="reaction", reaction={"message_id": written})
    place, contact, reaction, taken_back = peer.read(4)
    assert (place.location.latitude, place.location.name) == (18.922, "Gateway of India")
    assert contact.contacts[0].name.formatted_name == "Ravi Kumar"
    assert (reaction.reaction.emoji, reaction.reaction.message_id) == ("👍", written)
    assert not taken_back.reaction.emoji


def test_it_reads_an_order(peer: Peer) -> None:
    items = [{"product_retailer_id": "GOA-3N", "quantity": 2}]
    peer.inbound(type="order", order={"product_items": items, "text": "gift"})
    (message,) = peer.read()
    (product,) = message.order.products
    assert (product.sku, product.quantity, product.price, product.currency) == ("GOA-3N", 2, 8999, "INR")
    assert (message.order.text, message.order.total_price) == ("gift", 17998)


def test_it_reads_taps_of_all_kinds(peer: Peer) -> None:
    stop = {"type": "button", "sub_type": "quick_reply", "index": "1"}
    stop |= {"parameters": [{"type": "payload", "payload": "STOP_c42"}]}
    body = {"type": "body", "parameters": text("Asha", "Pune")}
    wamid = peer.send(**template("goa_monsoon_offer", body, stop))
    peer.read(3)
    peer.act("tap", title="Stop offers")
    row, button = {"id": "goa", "title": "Goa", "description": "Sea"}, {"id": "y", "title": "Yes"}
    context = {"from": "912269001234", "id": wamid}
    peer.inbound(type="interactive", interactive={"button_reply": button}, context=context)
    peer.inbound(type="interactive", interactive={"list_reply": row}, context=context)
    form = {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"t1","city":"Pune"}'}
    peer.inbound(type="interactive", interactive={"nfm_reply": form}, context=context)
    quick, reply, chosen, filled = peer.read(4)
    assert isinstance(quick, types.CallbackButton)
    assert (quick.data, quick.title, quick.reply_to_message.id) == ("STOP_c42", "Stop offers", wamid)
    assert (reply.data, reply.title) == ("y", "Yes")
    assert isinstance(chosen, types.CallbackSelection)
    assert (chosen.data, chosen.title, chosen.description) == ("goa", "Goa", "Sea")
    assert isinstance(filled, types.FlowCompletion)
    assert (filled.token, filled.response["city"]) == ("t1", "Pune")


def test_it_reads_edits_deletions_and_what_nobody_can_read(peer: Peer) -> None:
    written = peer.inbound(text="Helo")
    peer.inbound(type="edit", edit="Hello")
    peer.inbound(type="revoke", revoke=written)
    peer.inbound(type="unsupported", unsupported={"type": "poll"})
    _, edited, deleted, odd = peer.read(4)
    assert isinstance(edited, EditedMessage)
    assert (edited.original_message_id, edited.message.text) == (written, "Hello")
    assert isinstance(deleted, DeletedMessage)
    assert deleted.original_message_id == written
    assert odd.error.code == 131051


def test_it_reads_a_click_on_an_ad(peer: Peer) -> None:
    peer.inbound(text="Hi", referral=True)
    (message,) = peer.read()
    assert (message.referral.source_type, message.referral.headline) == ("ad", "Goa from ₹8,999")


def test_it_reads_somebody_without_a_phone(peer: Peer) -> None:
    peer.inbound(**{"from": None}, user_id="IN.abc", username="@asha.p", text="Hi")
    (message,) = peer.read()
    assert message.from_user.wa_id is None
    assert message.from_user.username == "@asha.p"
    assert message.from_user.bsuid == "IN.abc"


def test_it_reads_a_change_of_number(peer: Peer) -> None:
    peer.act("change_number", phone="919820011122")
    (change,) = peer.read()
    assert isinstance(change, types.PhoneNumberChange)
    assert (change.old_wa_id, change.new_wa_id) == (ASHA, "919820011122")
    assert change.new_user_id.startswith("IN.")


def test_it_reads_statuses_with_price_and_callback_data(peer: Peer) -> None:
    wamid = peer.send(**offer(biz_opaque_callback_data="m:7"))
    statuses = peer.read(3)
    assert [one.status.value for one in statuses] == ["sent", "delivered", "read"]
    assert {(one.id, one.tracker, one.from_user.wa_id) for one in statuses} == {(wamid, "m:7", ASHA)}
    assert (statuses[0].pricing.billable, statuses[0].pricing.category.value) == (True, "marketing")


@pytest.mark.parametrize("code", [131026, 131049, 131050])
def test_it_reads_a_failure(peer: Peer, code: int) -> None:
    peer.sandbox.tune(webhooks={"failed_contacts_rate": 1})  # pywa needs the contact even there
    peer.send(**offer(to=f"919812{code}"))
    (status,) = peer.read()
    assert (status.status.value, status.error.code) == ("failed", code)


def test_it_reads_what_becomes_of_a_template(peer: Peer) -> None:
    paused = {"event": "PAUSED", "reason": "NONE", "message_template_category": "MARKETING"}
    paused["other_info"] = {"title": "FIRST_PAUSE", "description": "Paused for 3 hours."}
    peer.event("message_template_status_update", **paused, **GOA)
    scores = {"previous_quality_score": "GREEN", "new_quality_score": "RED"}
    peer.event("message_template_quality_update", **scores, **GOA)
    peer.event("template_category_update", previous_category="MARKETING", new_category="UTILITY", **GOA)
    words = {"message_template_element": "Hi {{1}}, Goa waits.", "message_template_footer": "Dadar"}
    peer.event("message_template_components_update", **words, **GOA)
    status, quality, category, components = peer.read(4)
    assert isinstance(status, types.TemplateStatusUpdate)
    assert (status.new_status.value, status.template_name) == ("PAUSED", "goa_monsoon_offer")
    assert isinstance(quality, types.TemplateQualityUpdate)
    assert (quality.new_quality_score.value, quality.previous_quality_score.value) == ("RED", "GREEN")
    assert isinstance(category, types.TemplateCategoryUpdate)
    assert (category.new_category.value, category.previous_category.value) == ("UTILITY", "MARKETING")
    assert isinstance(components, types.TemplateComponentsUpdate)
    assert components.template_element == "Hi {{1}}, Goa waits."


def test_it_reads_the_wish_to_stop_and_to_resume(peer: Peer) -> None:
    peer.act("stop")
    peer.act("resume")
    stopped, resumed = peer.read(2)
    assert isinstance(stopped, types.UserMarketingPreferences)
    assert (stopped.value.value, resumed.value.value) == ("stop", "resume")
    assert (stopped.category.value, stopped.from_user.wa_id) == ("marketing_messages", ASHA)


def test_it_reads_a_restriction_and_a_ban(peer: Peer) -> None:
    info = [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 4102444800}]
    peer.event("account_update", event="ACCOUNT_RESTRICTION", restriction_info=info)
    ban = {"waba_ban_state": "DISABLE", "waba_ban_date": "November 21, 2026"}
    peer.event("account_update", event="DISABLED_UPDATE", ban_info=ban)
    restricted, banned = peer.read(2)
    assert isinstance(restricted, types.AccountUpdate)
    assert restricted.restriction_info[0].type.value == "RESTRICTED_BIZ_INITIATED_MESSAGING"
    assert (banned.event.value, banned.ban_info.state.value) == ("DISABLED_UPDATE", "DISABLE")
