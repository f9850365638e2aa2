"""Meta's news that change nothing of ours and should be known: its alerts, payments, flows, faults of webhooks."""

from __future__ import annotations

from app.channels import alerts
from app.channels.models import Severity
from app.meta.errors import meaning_of
from app.meta.foreign import integer, items, mapping, text
from app.webhooks.account.told import Told, Unusable

ALERT = "account.alert"
PAYMENTS = "payments.configuration"
FLOW = "flow"
FAULT = "messages.error"

SEVERITIES = {"CRITICAL": Severity.CRITICAL, "WARNING": Severity.WARNING}
WORKS = "ACTIVE"


def alert(told: Told) -> None:
    """An alert of Meta's own, which Meta also takes back."""
    info = mapping(told.value.get("alert_info")) or told.value
    kind = text(info.get("alert_type"))
    if kind is None:
        raise Unusable("has no alert_type")
    subject = ":".join(filter(None, (kind, told.maybe("entity_type"), told.maybe("entity_id"))))
    title = f"Meta's alert: {kind.replace('_', ' ').lower()}."
    details = text(info.get("alert_description")) or ""
    if (text(info.get("alert_status")) or "").upper() == "NONE":
        alerts.note(told.channel, ALERT, subject, f"{title[:-1]} – over.", details, told.at)
        return
    severity = SEVERITIES.get((text(info.get("alert_severity")) or "").upper(), Severity.INFO)
    alerts.raise_alert(told.channel, ALERT, subject, severity, title, details, told.at)


def payments(told: Told) -> None:
    """A payment configuration works, or needs somebody."""
    name, status = told.needed("configuration_name"), told.needed("status")
    title = f"The payment configuration {name}: {status.lower()}."
    if status.upper() == WORKS:
        alerts.note(told.channel, PAYMENTS, name, title, "", told.at)
    else:
        details = "Finish it in WhatsApp Manager, or customers cannot pay in the chat."
        alerts.raise_alert(told.channel, PAYMENTS, name, Severity.WARNING, title, details, told.at)


def flow(told: Told) -> None:
    """A flow of ours changed or errs; for information only."""
    event, flow_id = told.word("event"), told.maybe("flow_id") or ""
    said = told.maybe("message") or f"{event.replace('_', ' ').capitalize()}."
    alerts.note(told.channel, FLOW, f"{event}:{flow_id}", said, "See the flow in WhatsApp Manager.", told.at)


def faults(told: Told) -> None:
    """Errors that Meta reports beside messages: they concern the number, not a message."""
    for error in items(told.value.get("errors")):
        code = integer(error.get("code"))
        meaning = meaning_of(code)
        details = text(mapping(error.get("error_data")).get("details")) or text(error.get("message")) or ""
        said = f"{meaning.hint} Meta says: {details}" if details else meaning.hint
        title = f"Meta reports: {meaning.sentence}"
        alerts.raise_alert(told.channel, FAULT, str(code or ""), Severity.WARNING, title, said, told.at)
