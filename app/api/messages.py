"""The call that sends one template message to one person, by the engine's three beats."""

from __future__ import annotations

from typing import Any

from app import config
from app.api.access import caller
from app.api.calls import call
from app.api.schemas.messages import MessageIn, MessageOut, MessageProblem, MessageRefused, MessageUnconfirmed
from app.api.whereabouts import channel_or_refuse, number_of, template_of
from app.auth import workspace
from app.campaigns import fitness, variables
from app.campaigns.jobs import one_message
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.channels.queries import transport_for
from app.message_templates.models import MessageTemplate
from app.messaging.engine import direct
from app.messaging.engine.sender import Verdict
from app.meta.components import compile_template
from app.meta.errors import meaning_of
from app.shared.errors import Invalid


@call(
    "POST",
    "/send-template",
    "campaigns.send",
    tag="Messages",
    answer=MessageOut,
    also={202: MessageUnconfirmed, 502: MessageRefused},
    refusals=(409,),
)
def send_template(json: MessageIn) -> Any:
    """Send one template message to one person.

    The rules of campaigns hold here too: consent, opt-outs, how much marketing one may get within a week, and the
    messaging limit (409 with a sentence).
    """
    channel = channel_or_refuse()
    request = _request(channel, json)
    sent = one_message.send(request, transport_for(channel), "message.send", by=caller(), template=json.template_name)
    return _answer(sent, request.phone)


def _request(channel: Channel, json: MessageIn) -> direct.Request:
    here = workspace.current()
    template = template_of(channel, json.template_name, json.language)
    return direct.Request(
        channel=channel,
        template=template,
        phone=number_of(json.recipient, "recipient"),
        values=_values(template, json),
        limit=messaging_limit(channel, config.current().daily_limit).value,
        zone=here.zone,
        sent_by=caller().id,
    )


def _values(template: MessageTemplate, json: MessageIn) -> dict[str, str]:
    compiled = compile_template(template.components, template.parameter_format)
    try:
        rules = variables.normalise(json.variables, compiled)
        fitness.require(compiled, rules)
    except Invalid as error:
        raise Invalid(str(error), f"variables.{error.field}") from error
    return {key: rule["value"] for key, rule in rules.items()}


def _answer(sent: one_message.Sent, recipient: str) -> Any:
    outcome = sent.outcome
    if outcome.verdict is Verdict.ACCEPTED:
        return MessageOut(message_id=sent.public_id, recipient=recipient)
    if outcome.verdict is Verdict.UNKNOWN:
        return MessageUnconfirmed(message_id=sent.public_id, recipient=recipient), 202
    error = MessageProblem(
        code="meta_refused" if outcome.verdict is Verdict.REFUSED else "not_sent",
        message=meaning_of(outcome.code).sentence,
        fields={},
        meta_code=outcome.code,
    )
    return MessageRefused(message_id=sent.public_id, recipient=recipient, error=error), 502
