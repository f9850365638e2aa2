"""The kind "customers": each row is a person, found by phone or Meta's user id, made where unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.auth import workspace
from app.customers.imports import customer_rows, customer_sql, journal, rules, verdicts
from app.customers.imports.kinds import Field, Reader, Tally
from app.customers.imports.models import Import
from app.customers.models import Customer
from app.customers.service import consent_many
from app.extensions import db
from app.shared.errors import Invalid
from app.shared.ids import uuid7

SUBJECT = "customer"
SOURCE = "csv"
MOST_FAULTS = 20  # that a trial names
RULES = ("region", "existing", "tags", "consent")


class Customers:
    """Reads people, and merges them into the customers."""

    fields = (
        Field("phone", "Phone", "With or without the country's code", is_required=True),
        Field("user_id", "WhatsApp user id", "Meta's id of the person, where you have it"),
        Field("name", "Name"),
        Field("email", "Email"),
        Field("city", "City"),
        Field("zone", "Time zone", "Such as Asia/Kolkata"),
        Field("locale", "Language", "Such as en or hi"),
        Field("tags", "Tags", "Several parted by commas"),
        Field("consent", "Consent to marketing", "Yes or no"),
        Field("attribute", "Attribute", "Anything else you know of them, under a name of its own"),
    )
    staged: Mapping[str, str] = {
        "row_number": "int",
        "phone": "text",
        "twin": "text",  # the number's other spelling
        "user_id": "text",
        **dict.fromkeys(customer_rows.PARSERS, "text"),
        "consent": "boolean",
        "attributes": "jsonb",
    }

    def check(self, mapping: Mapping[str, str], rules_: Mapping[str, Any]) -> None:
        if not {"phone", "user_id"} & set(mapping.values()):
            raise Invalid("Say which column holds the phone numbers.", "mapping")
        rules.check_names(rules_, RULES)
        rules.check_region(rules_)
        rules.check_existing(rules_)
        rules.check_tags(rules_)
        rules.check_consent(mapping, rules_)

    def reader(self, import_: Import) -> Reader:
        return customer_rows.reader(import_)

    def merge(self, import_: Import) -> Tally:
        _judge(import_, is_trial=False)
        db.session.execute(text(customer_sql.INSERT), {"import": import_.id, "era": str(uuid7())[:15]})
        db.session.execute(text(customer_sql.CHANGE))
        db.session.execute(text(customer_sql.JOURNAL), {"import": import_.id})
        if customer_rows.tells_consent(import_):
            db.session.execute(text(customer_sql.JOURNAL_AGAIN), {"import": import_.id})
            consent_many.record_many(customer_sql.JUDGED, import_, SOURCE, rules.consent_wording(import_.rules))
        return verdicts.tally(customer_sql.JUDGED)

    def look(self, import_: Import) -> Tally:
        _judge(import_, is_trial=True)
        return verdicts.tally(customer_sql.JUDGED, MOST_FAULTS)

    def undo(self, import_: Import, most: int) -> int:
        step = journal.undo(import_, Customer, SUBJECT, most)
        consent_many.take_back(import_, step.ids)
        return step.looked_at


def _judge(import_: Import, *, is_trial: bool) -> None:
    salt, existing = workspace.current().suppression_salt, rules.existing_of(import_.rules)
    statement = customer_sql.judging(existing, has_list=salt is not None, is_trial=is_trial)
    facts = {"import": import_.id, "tags": rules.tags_of(import_.rules)}
    db.session.execute(text(statement), facts | ({"salt": salt} if salt else {}))
