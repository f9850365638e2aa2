"""The wizard's step of the recipients: a file, all customers, a segment, a tag, picked ones, earlier ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import config
from app.auth.access import needs
from app.campaigns.forms import ConsentForm, ReadingForm, UploadForm
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.queries import audience, figures, people, reach
from app.campaigns.queries.targets import ANEW
from app.campaigns.routes import door, targets
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import contacts, drafts
from app.customers.imports import uploads
from app.customers.imports.models import Import, ImportStatus
from app.extensions import db
from app.shared import csv_table
from app.shared.csv_table import Unreadable
from app.shared.errors import Invalid, Refused
from app.storage.store import NotStored

KINDS = (
    TargetType.IMPORTED,
    TargetType.SEGMENT,
    TargetType.ALL,
    TargetType.TAG,
    TargetType.RESPONDERS,
    TargetType.MANUAL,
)
SAMPLE = [
    ("Name", "Phone", "City"),
    ("Asha Rao", "+91 98200 12345", "Pune"),
    ("Ravi Shah", "098190 54321", "Goa"),
]
HERE = "recipients"


@bp.get("/campaigns/<uuid:public_id>/edit/recipients")
@needs("campaigns.write")
def edit_recipients(public_id: UUID) -> ResponseReturnValue:
    return _page(door.at_step(public_id, HERE))


@bp.post("/campaigns/<uuid:public_id>/edit/recipients")
@needs("campaigns.write")
def save_recipients(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    kind = _kind(campaign)
    try:
        drafts.choose_customers(campaign, kind, _asked_for(campaign, kind))
    except Invalid as error:
        return _page(campaign, trouble=error), 422
    except Refused as refusal:
        return _back(campaign, refusal)
    return door.committed(campaign, "campaign.recipients", door.url_of(campaign, HERE), kind=kind.value)


@bp.get("/campaigns/<uuid:public_id>/edit/recipients/file")
@needs("campaigns.write")
def after_upload(public_id: UUID) -> ResponseReturnValue:
    """The address that a refused upload leaves in the browser, entered again."""
    return redirect(door.url_of(door.find(public_id), HERE))


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/file")
@needs("campaigns.write")
def upload(public_id: UUID) -> ResponseReturnValue:
    campaign, form = door.at_step(public_id, HERE), UploadForm()
    if not form.validate_on_submit():
        return _page(campaign, trouble=Invalid(" ".join(form.file.errors), "file")), 422
    try:
        drafts.attach_file(campaign, uploads.receive_upload(form.file.data, current_user))
    except Invalid as error:
        return _page(campaign, trouble=error), 422
    except Refused as refusal:
        return _back(campaign, refusal)
    return door.committed(campaign, "campaign.upload", door.url_of(campaign, HERE))


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/reading")
@needs("campaigns.write")
def change_reading(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    import_ = _file_of(campaign)
    form = ReadingForm.of(import_.reading)
    if not form.validate_on_submit():
        return _page(campaign, reading_form=form), 422
    try:
        uploads.change_reading(import_, **form.changes())
    except Invalid as error:
        return _page(campaign, trouble=error, reading_form=form), 422
    except Refused as refusal:
        return _back(campaign, refusal)
    db.session.commit()
    return redirect(door.url_of(campaign, HERE))


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/import")
@needs("campaigns.write")
def begin_import(public_id: UUID) -> ResponseReturnValue:
    campaign, form = door.at_step(public_id, HERE), ConsentForm()
    if not form.validate_on_submit():
        return _page(campaign, consent_form=form), 422
    try:
        drafts.begin_import(campaign)
    except Invalid as error:
        return _page(campaign, trouble=error), 422
    except Refused as refusal:
        return _back(campaign, refusal)
    file = _file_of(campaign).file_name
    wording = form.agreed.label.text
    return door.committed(campaign, "campaign.import", door.url_of(campaign, HERE), attested=wording, file=file)


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/pick")
@needs("campaigns.write")
def pick(public_id: UUID) -> ResponseReturnValue:
    """Add the ticked customers, or remove one."""
    campaign = door.at_step(public_id, HERE)
    removed = request.form.get("remove", type=int)
    picked = [*_picked(campaign), *request.form.getlist("customer", type=int)]
    try:
        drafts.pick_customers(campaign, [customer_id for customer_id in picked if customer_id != removed])
    except Invalid as error:
        return _page(campaign, trouble=error), 422
    except Refused as refusal:
        return _back(campaign, refusal)
    db.session.commit()
    return redirect(f"{door.url_of(campaign, HERE)}?kind=manual")


@bp.post("/campaigns/<uuid:public_id>/edit/recipients/clear")
@needs("campaigns.write")
def clear_recipients(public_id: UUID) -> ResponseReturnValue:
    campaign = door.at_step(public_id, HERE)
    try:
        drafts.forget_audience(campaign)
    except Refused as refusal:
        return _back(campaign, refusal)
    return door.committed(campaign, "campaign.clear_recipients", door.url_of(campaign, HERE))


@bp.get("/campaigns/<uuid:public_id>/edit/recipients/progress")
@needs("campaigns.write")
def recipients_progress(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find(public_id)
    if campaign.status is CampaignStatus.DRAFT:  # it could not be had: the page says why and offers another way
        return Response("", 200, {"HX-Refresh": "true"})
    return render_template("campaigns/edit/_audience.html", campaign=campaign, **_audience(campaign))


@bp.get("/campaigns/sample.csv")
@needs("campaigns.write")
def sample_file() -> ResponseReturnValue:
    header, *rows = SAMPLE
    answer = Response(csv_table.export(rows, header), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="recipients.csv")
    return answer


def _page(
    campaign: Campaign,
    trouble: Invalid | None = None,
    reading_form: ReadingForm | None = None,
    consent_form: ConsentForm | None = None,
) -> str:
    facts: dict[str, Any] = {"trouble": trouble, "kinds": KINDS, "kind": _kind(campaign)}
    if campaign.status is not CampaignStatus.DRAFT:
        facts |= _audience(campaign)
    elif facts["kind"] is TargetType.IMPORTED and _is_waiting(campaign.import_):
        facts |= _file_facts(campaign.import_, reading_form, consent_form or ConsentForm(formdata=None))
    else:
        facts |= _choice_facts(campaign, facts["kind"])
    return door.step_page(campaign, HERE, **facts)


def _audience(campaign: Campaign) -> dict[str, Any]:
    return {
        "audience": audience.sentence(campaign),
        "is_found_anew": campaign.target_type in ANEW,
        "figures": figures.of(campaign.id),
        "skipped": people.skip_groups(campaign) if campaign.status is CampaignStatus.READY else [],
    }


def _file_facts(import_: Import | None, reading_form: ReadingForm | None, consent_form: ConsentForm) -> dict[str, Any]:
    assert import_ is not None
    rows: list[contacts.Entry] = []
    sentence = ""
    try:
        rows = contacts.preview(import_)
    except (Invalid, Refused, Unreadable, NotStored) as error:
        sentence = str(error)
    return {
        "import_": import_,
        "rows": rows,
        "unreadable": sentence,
        "reading_form": reading_form or ReadingForm.of(import_.reading),
        "consent_form": consent_form,
    }


def _choice_facts(campaign: Campaign, kind: TargetType) -> dict[str, Any]:
    facts: dict[str, Any] = {"upload_form": UploadForm(formdata=None), "max_upload": config.current().max_upload}
    if kind in (TargetType.SEGMENT, TargetType.RESPONDERS):
        facts |= targets.facts(campaign, kind)
    if kind is TargetType.ALL:
        facts["everybody"] = reach.everybody()
    if kind is TargetType.TAG:
        facts["tags"] = reach.by_tag()
    if kind is TargetType.MANUAL:
        picked = _picked(campaign)
        words = request.args.get("search", "")
        facts |= {"picked": reach.named(picked), "found": reach.search(words, picked), "search": words}
    return facts


def _kind(campaign: Campaign) -> TargetType:
    asked = request.values.get("kind", "")
    if asked in set(KINDS):
        return TargetType(asked)
    return campaign.target_type if campaign.target_type in KINDS else TargetType.IMPORTED


def _asked_for(campaign: Campaign, kind: TargetType) -> dict[str, Any]:
    if kind is TargetType.ALL:
        return {}
    if kind in (TargetType.SEGMENT, TargetType.RESPONDERS):
        return targets.asked_for(campaign, kind)
    if kind is TargetType.TAG:
        tag = request.form.get("tag", "")
        if tag not in dict(reach.by_tag()):
            raise Invalid("Choose a tag.", "tag")
        return {"tag": tag}
    if kind is TargetType.MANUAL and _picked(campaign):
        return {"customer_ids": _picked(campaign)}
    raise Invalid("Pick at least one customer." if kind is TargetType.MANUAL else "Choose a CSV file.", "file")


def _picked(campaign: Campaign) -> list[int]:
    ids: list[int] = campaign.segment_query.get("customer_ids", [])
    return ids if campaign.target_type is TargetType.MANUAL else []


def _file_of(campaign: Campaign) -> Import:
    if campaign.import_ is None:
        raise Refused("Upload a CSV file first.")
    return campaign.import_


def _is_waiting(import_: Import | None) -> bool:
    return import_ is not None and import_.status in (ImportStatus.UPLOADED, ImportStatus.FAILED)


def _back(campaign: Campaign, refusal: Refused) -> ResponseReturnValue:
    url = door.url_of(campaign, HERE)
    db.session.rollback()
    flash(str(refusal), "warning")
    return redirect(url)
