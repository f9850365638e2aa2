"""The bodies of outgoing messages, and what Meta's answer to one becomes."""

import json

import pytest
import responses

from app.meta.messages import MAX_CALLBACK_DATA, Accepted, send, template_message, text_message

URL = "https://graph.example/v26.0/1065/messages"


def test_it_writes_a_template_message():
    components = [{"type": "body", "parameters": [{"type": "text", "text": "Asha"}]}]
    assert template_message("+919812345678", "diwali", "en_US", components, "m7") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+919812345678",
        "type": "template",
        "template": {"name": "diwali", "language": {"code": "en_US"}, "components": components},
        "biz_opaque_callback_data": "m7",
    }


def test_it_writes_to_a_user_id_when_there_is_no_phone():
    message = template_message(None, "hello", "en", [], "m7", recipient="IN.134")
    assert message["recipient"] == "IN.134"
    assert "to" not in message
    assert "components" not in message["template"]


def test_it_writes_a_reply():
    message = text_message("+919812345678", "Yes", "m8", reply_to="wamid.A", preview_url=True)
    assert message["text"] == {"body": "Yes", "preview_url": True}
    assert message["context"] == {"message_id": "wamid.A"}


@pytest.mark.parametrize(
    ("to", "callback"), [(None, "m"), ("", "m"), ("+91", ""), ("+91", "x" * (MAX_CALLBACK_DATA + 1))]
)
def test_it_writes_no_message_that_could_not_be_traced(to, callback):
    with pytest.raises(ValueError, match="needs"):
        text_message(to, "Hi", callback)


@pytest.mark.parametrize(
    ("contact", "message", "accepted"),
    [
        (
            {"input": "+919812345678", "wa_id": "919812345678"},
            {"id": "wamid.A", "message_status": "held_for_quality_assessment"},
            Accepted("wamid.A", "919812345678", None, "held_for_quality_assessment"),
        ),
        (
            {"input": "IN.134", "user_id": "IN.134"},
            {"id": "wamid.B"},
            Accepted("wamid.B", None, "IN.134", None),
        ),
    ],
)
@responses.activate
def test_it_reads_that_meta_accepted(transport, contact, message, accepted):
    call = responses.post(URL, json={"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
    assert send(transport, "1065", text_message("+919812345678", "Hi", "m9")) == accepted
    assert json.loads(call.calls[0].request.body)["biz_opaque_callback_data"] == "m9"


@responses.activate
def test_it_needs_no_contacts_to_believe_a_message_id(transport):
    responses.post(URL, json={"messages": [{"id": "wamid.C"}]})
    assert send(transport, "1065", text_message("+91", "Hi", "m9")).wamid == "wamid.C"
