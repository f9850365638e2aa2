"""Trying a template out: one message to the phone of whoever asks, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from app import config
from app.auth import workspace
from app.auth.access import needs
from app.campaigns import fitness
from app.campaigns import variables as filling
from app.campaigns.controls import control_of, stored
from app.campaigns.forms import TrialForm
from app.campaigns.jobs import one_message
from app.campaigns.routes.blueprint import bp
from app.channels.failures import sentence_of
from app.channels.limits import messaging_limit
from app.channels.queries import quick_transport_for, transport_for
from app.extensions import db
from app.message_templates import queries as templates
from app.message_templates import samples
from app.message_templates import words as template_words
from app.message_templates.models import MessageTemplate
from app.message_templates.questions import sheet_of
from app.messaging.engine import direct
from app.messaging.models import Message, Rank
from app.meta.components import compile_template
from app.meta.errors import MetaFailure, meaning_of
from app.meta.media import upload_media
from app.shared import phone
from app.shared.errors import Invalid, Refused
from app.storage import files
from app.storage.store import NotStored

REMEMBERED = "trial_phone"
CONSENT = "attested by the sender"
MEDIA = "header.media"


@bp.get("/templates/<uuid:public_id>/try")
@needs("campaigns.send")
def try_template(public_id: UUID) -> ResponseReturnValue:
    template = templates.by_public_id(public_id)
    values = {variable.key: variable.sample or "" for variable in templates.variables(template)}
    return _page(template, TrialForm(phone=own_number()), _without_addresses(values))


@bp.post("/templates/<uuid:public_id>/try")
@needs("campaigns.send")
def send_trial(public_id: UUID) -> ResponseReturnValue:
    """Own phone, own consent: who sends it attests it, and the audit log says so."""
    template, form = templates.by_public_id(public_id), TrialForm()
    values = _values_in_form(template)
    errors = _faults(template, values)
    if not form.validate_on_submit() or errors:
        return _page(template, form, values, errors), 422
    try:
        number = phone.parse(form.phone.data, workspace.current().default_region)
        remember(number)
        sent = _send(template, number, values)
    except phone.Unusable as reason:
        form.phone.errors = [f"This phone number cannot be used: {reason}."]
    except (Invalid, Refused) as error:
        form.phone.errors = [str(error)]
    except MetaFailure as failure:
        form.phone.errors = [f"The sample file did not reach Meta. {sentence_of(failure)}"]
    else:
        return redirect(url_for("campaigns.try_template", public_id=public_id, message=sent.public_id))
    db.session.rollback()
    return _page(templates.by_public_id(public_id), form, values), 422


@bp.get("/templates/tries/<uuid:public_id>")
@needs("campaigns.send")
def trial_result(public_id: UUID) -> ResponseReturnValue:
    """What became of it by now."""
    return render_template("campaigns/_trial_result.html", **_result(public_id))


@bp.post("/templates/<uuid:public_id>/try/preview")
@needs("campaigns.send")
def preview_trial(public_id: UUID) -> ResponseReturnValue:
    """How it would look with the values as they are typed."""
    template = templates.by_public_id(public_id)
    return render_template("campaigns/_trial_preview.html", **_look(template, _values_in_form(template)))


def own_number() -> str:
    """The number that the last test of this login went to."""
    return phone.display(session[REMEMBERED]) if REMEMBERED in session else ""


def remember(number: str) -> None:
    """The next test is likely to go to the same phone."""
    session[REMEMBERED] = number


def request_for(template: MessageTemplate, number: str, values: Mapping[str, str]) -> direct.Request:
    """A test's message, whose receiver agrees to it: it is the sender's own phone."""
    channel = template.channel
    return direct.Request(
        channel=channel,
        template=template,
        phone=number,
        values=values,
        limit=messaging_limit(channel, config.current().daily_limit).value,
        zone=workspace.current().zone,
        sent_by=current_user.id,
        is_trial=True,
    )


def _send(template: MessageTemplate, number: str, values: dict[str, str]) -> one_message.Sent:
    if template.sample_key and not values.get(MEDIA) and _wants_media(template):
        values = values | {MEDIA: _media_id(template)}
        template = templates.by_public_id(template.public_id)
    transport = quick_transport_for(template.channel)
    request_ = request_for(template, number, values)
    return one_message.send(request_, transport, "template.try", template, consent=CONSENT)


def _media_id(template: MessageTemplate) -> str:
    """The sample file, uploaded for this message. No transaction is open meanwhile."""
    channel, key = template.channel, template.sample_key or ""
    transport, phone_number_id = transport_for(channel), channel.phone_number_id
    db.session.commit()
    mime_type = samples.mime_type_of(key)
    try:
        with files.open_file(key) as file:
            return upload_media(transport, phone_number_id, f"sample{samples.SUFFIXES[mime_type]}", file, mime_type)
    except NotStored as error:
        raise Refused("The sample file is gone; give the address of another.") from error
    finally:
        transport.close()


def _wants_media(template: MessageTemplate) -> bool:
    return any(variable.key == MEDIA for variable in templates.variables(template))


def _values_in_form(template: MessageTemplate) -> dict[str, str]:
    zone, questions = workspace.zone(), sheet_of(template).questions
    return {one.key: stored(one, request.form.get(f"value:{one.key}", ""), zone) for one in questions}


def _faults(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """Why values are of no use, by key. A file may be left out where we have a sample of it."""
    rules = {key: {"source": "text", "value": value} for key, value in values.items()}
    found = fitness.faults(compile_template(template.components, template.parameter_format), rules)
    has_sample = template.sample_key and not values.get(MEDIA)
    return {key: sentence for key, sentence in found.items() if not (has_sample and key == MEDIA)}


def _without_addresses(values: dict[str, str]) -> dict[str, str]:
    """Meta's own address of a sample opens for nobody else."""
    return {key: value for key, value in values.items() if not key.endswith(MEDIA)}


def _page(
    template: MessageTemplate, form: TrialForm, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> str:
    message, sheet = request.args.get("message", type=UUID), sheet_of(template)
    return render_template(
        "campaigns/try.html",
        template=template,
        form=form,
        values=values,
        sheet=sheet,
        errors=errors or {},
        has_options=any(one.is_optional and values.get(one.key) for one in sheet.questions),
        zone=workspace.zone(),
        control_of=control_of,
        max_text=filling.MAX_TEXT,
        unsupported=templates.unsupported(template),
        words=template_words,
        **_look(template, values),
        **(_result(message) if message else {"message": None}),
    )


def _look(template: MessageTemplate, values: Mapping[str, str]) -> dict[str, Any]:
    compiled = compile_template(template.components, template.parameter_format)
    return {"preview": compiled.render(values), "sample_url": samples.address(template.sample_key)}


def _result(public_id: UUID) -> dict[str, Any]:
    message = db.session.scalar(select(Message).where(Message.public_id == public_id))
    stage = _stage(message) if message is not None else ""
    return {
        "message": message,
        "stage": stage,
        "meaning": meaning_of(message.error_code) if message is not None and stage == "failed" else None,
        "is_settled": stage in ("", "read", "failed"),
    }


def _stage(message: Message) -> str:
    """How far it came: Meta's word where there is one, else what our own request came to."""
    if message.rank:
        return {Rank.FAILED: "failed", Rank.DELIVERED: "delivered", Rank.READ: "read"}.get(message.rank, "sent")
    return str(message.state.value)
