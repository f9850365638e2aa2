"""Shapes of what people send to the import pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel import Locale
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from phonenumbers import SUPPORTED_REGIONS
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.customers.forms import printed
from app.customers.imports.models import Import, ImportKind
from app.shared.csv_encoding import ENCODINGS
from app.shared.errors import Invalid

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
KINDS = {ImportKind.CUSTOMERS: "Customers", ImportKind.SALES: "Sales", ImportKind.OPT_OUTS: "Opt-outs"}
ATTRIBUTE = "attribute"
DATES = {"dmy": "Day first: 31/12/2026", "mdy": "Month first: 12/31/2026", "ymd": "Year first: 2026-12-31"}
DECIMALS = {".": "With a point: 62,500.00", ",": "With a comma: 62.500,00"}
BUYERS = {"create": "Make customers of them, without consent", "refuse": "Leave their sales out, with that reason"}
AGREED = "These people agreed to receive WhatsApp messages from us"
# Which rules a kind of file has; the service refuses others.
RULES = {
    ImportKind.CUSTOMERS: ("region", "existing", "tags", "consent", "wording", "column"),
    ImportKind.SALES: ("region", "existing", "customers", "dates", "decimals"),
    ImportKind.OPT_OUTS: ("region",),
}


class ImportUploadForm(FlaskForm):
    """A CSV file and what it holds."""

    kind = RadioField(
        "What does the file hold?",
        choices=[SelectChoice(kind.value, label) for kind, label in KINDS.items()],
        validators=[InputRequired("Choose what the file holds.")],
    )
    file = FileField("CSV file", validators=[FileRequired("Choose a CSV file.")])


class ImportReadingForm(FlaskForm):
    """How a file is to be read."""

    encoding = SelectField("Text encoding", choices=[SelectChoice(*item) for item in ENCODINGS.items()])
    delimiter = SelectField("Separator", choices=[SelectChoice(*item) for item in DELIMITERS.items()])
    has_header = SelectField("First row", choices=[SelectChoice("yes", "Names of columns"), SelectChoice("no", "Data")])

    @classmethod
    def of(cls, reading: Mapping[str, Any]) -> ImportReadingForm:
        """The form showing how the file is read now."""
        form = cls(
            encoding=reading["encoding"],
            delimiter=reading["delimiter"],
            has_header="yes" if reading["has_header"] else "no",
        )
        if reading["delimiter"] not in DELIMITERS:  # Excel's "sep=" line may name any
            form.delimiter.choices = [*form.delimiter.choices, SelectChoice(reading["delimiter"])]
        return form

    def changes(self) -> dict[str, Any]:
        """What was chosen, as `change_reading` takes it."""
        return {
            "encoding": self.encoding.data,
            "delimiter": self.delimiter.data,
            "has_header": self.has_header.data == "yes",
        }


class ImportColumnsForm(FlaskForm):
    """What each column becomes. The choices stand beside their columns, named "column-3" and "attribute-3"."""

    remember = StringField("Keep this mapping under a name", validators=[Optional(), Length(max=80)])


def mapping_asked(form: Mapping[str, str], columns: list[str]) -> dict[str, str]:
    """The mapping that a form of columns asks for; an attribute without a name takes its column's."""
    asked = {}
    for index, column in enumerate(columns):
        field = form.get(f"column-{index}", "").strip()
        if field == ATTRIBUTE:
            field = f"{ATTRIBUTE}:{form.get(f'attribute-{index}', '').strip() or column}"
        if field:
            asked[str(index)] = field
    return asked


class ImportUndoForm(FlaskForm):
    """That somebody is sure, and why: of opt-outs that is wanted."""

    sure = BooleanField("I am sure", validators=[InputRequired("Tick that you are sure.")])
    reason = StringField("Why may they be written to again?", validators=[Length(max=500)], filters=[printed])


class ImportRulesForm(FlaskForm):
    """What holds for every row of the file."""

    region = SelectField("Numbers without a country are from")
    existing = RadioField("Who is known already", validators=[InputRequired("Choose one.")])
    tags = StringField("Tags for all of them", validators=[Length(max=500)])
    consent = RadioField("Consent to marketing", validators=[InputRequired("Choose one.")])
    column = SelectField("The column that says so")
    wording = StringField("What they agreed to", validators=[Length(max=500)])
    customers = RadioField("Buyers nobody knows yet", choices=[SelectChoice(*item) for item in BUYERS.items()])
    dates = RadioField("Dates are written", choices=[SelectChoice(*item) for item in DATES.items()])
    decimals = RadioField("Amounts are written", choices=[SelectChoice(*item) for item in DECIMALS.items()])

    @classmethod
    def of(cls, import_: Import, usual: Mapping[str, Any]) -> ImportRulesForm:
        """The form of the import's rules; `usual` ones are shown until somebody says otherwise."""
        columns = import_.reading["columns"]
        said = next((index for index, field in import_.mapping.items() if field == "consent"), None)
        form = cls(**_shown({**usual, **import_.rules}, said))
        form.region.choices = _regions()
        form.existing.choices = _existing(import_.kind)
        if import_.kind is ImportKind.SALES:
            form.existing.label.text = "Sales that are known already"
        form.consent.choices = _consents() if said is None else [_says(columns[int(said)])]
        form.column.choices = [SelectChoice("", "Choose a column"), *_numbered(columns)]
        for name in set(form._fields) - {*RULES[import_.kind], "csrf_token"}:
            del form[name]
        return form

    def validate_column(self, field: SelectField) -> None:
        if self.consent.data == "column" and not field.data:
            raise ValidationError("Choose the column that says it.")

    def rules(self) -> dict[str, Any]:
        """What was chosen, as `change_rules` takes it."""
        plain = ("region", "existing", "customers", "dates", "decimals")
        asked: dict[str, Any] = {name: self[name].data for name in plain if name in self}
        if "tags" in self:
            asked["tags"] = [tag for tag in map(str.strip, re.split(r"[,;\n]", self.tags.data or "")) if tag]
        if "consent" in self:
            asked["consent"] = self._consent()
        return asked

    def blame(self, error: Invalid) -> str:
        """Say a refusal at the field it is about; the sentence itself when it is about none of them."""
        name = (error.field or "").removeprefix("rules.")
        name = {"consent": self.consent.data if "consent" in self else ""}.get(name, name)
        if name not in self or name == "csrf_token":
            return str(error)
        self[name].errors = [str(error)]
        return ""

    def _consent(self) -> dict[str, str] | None:
        if self.consent.data == "column":
            return {"column": self.column.data or ""}
        return {"wording": (self.wording.data or "").strip()} if self.consent.data == "wording" else None


def _shown(rules: Mapping[str, Any], said: str | None) -> dict[str, Any]:
    consent = {"column": said} if said else rules.get("consent") or {}
    return {
        "region": rules.get("region"),
        "existing": rules.get("existing") or "update",
        "customers": rules.get("customers") or "create",
        "tags": ", ".join(rules.get("tags") or []),
        "consent": next(iter(consent), "none"),
        "column": consent.get("column", ""),
        "wording": consent.get("wording", AGREED),
        "dates": rules.get("dates") or "dmy",
        "decimals": rules.get("decimals") or ".",
    }


def _existing(kind: ImportKind) -> list[SelectChoice]:
    if kind is ImportKind.SALES:
        return [
            SelectChoice("update", "Change the sale with the same booking number as the file says"),
            SelectChoice("skip", "Leave the sale with the same booking number as it is"),
        ]
    return [
        SelectChoice("update", "Change them: what the file says counts"),
        SelectChoice("fill", "Fill in only what is empty"),
        SelectChoice("skip", "Leave them as they are"),
    ]


def _consents() -> list[SelectChoice]:
    return [
        SelectChoice("none", "The file says nothing about it"),
        SelectChoice("column", "A column of the file says it"),
        SelectChoice("wording", "These people agreed"),
    ]


def _says(column: str) -> SelectChoice:
    return SelectChoice("column", f"The column “{column}” says it")


def _regions() -> list[SelectChoice]:
    names = Locale("en").territories
    return [
        SelectChoice(code, name) for name, code in sorted((names.get(code, code), code) for code in SUPPORTED_REGIONS)
    ]


def _numbered(columns: list[str]) -> list[SelectChoice]:
    return [SelectChoice(str(index), column) for index, column in enumerate(columns)]
