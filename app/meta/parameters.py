"""The parameters of a template send: each function makes, of keys, a function from a customer's values to one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import time

from app.meta.definition import TemplateVariable
from app.meta.envelope import BadMessage
from app.meta.envelope import media as media_reference
from app.meta.foreign import YEAR_2100
from app.meta.placeholders import clean
from app.meta.product_sections import read_sections, sections_of

Values = Mapping[str, str]
Parameter = dict[str, object]
Put = Callable[[Values], Parameter]

LOCATION = (("latitude", "latitude"), ("longitude", "longitude"), ("name", "place_name"), ("address", "place_address"))
MILLISECONDS_FROM = 10**11  # Unix seconds stay below this for the next three thousand years


class MissingValue(ValueError):
    """A value the template needs is empty, or of no use in its place; the text is a sentence for people."""

    def __init__(self, key: str, sentence: str | None = None) -> None:
        self.key = key
        super().__init__(sentence or f"{_spoken(key)} has no value.")


def needed(values: Values, key: str) -> str:
    """The value as Meta takes it; raises MissingValue."""
    value = clean(values.get(key))
    if not value:
        raise MissingValue(key)
    return value


def words(variable: TemplateVariable, named: bool) -> Put:
    key, name = variable.key, variable.name
    if named:
        return lambda values: {"type": "text", "parameter_name": name, "text": needed(values, key)}
    return lambda values: {"type": "text", "text": needed(values, key)}


def coupon_code(key: str) -> Put:
    return lambda values: {"type": "coupon_code", "coupon_code": needed(values, key)}


def media(variable: TemplateVariable, filename: TemplateVariable | None = None) -> Put:
    """A file by id or https address; a document may have a name."""
    key, kind = variable.key, variable.kind

    def build(values: Values) -> Parameter:
        name = clean(values.get(filename.key)) if filename else None
        try:
            reference = media_reference(key, f"The header's {kind}", needed(values, key), filename=name)
        except BadMessage as error:
            raise MissingValue(key, str(error)) from None
        if not str(reference.get("link", "https://")).lower().startswith("https://"):
            raise MissingValue(key, f"The header's {kind} needs an address that begins with https.")
        return {"type": kind, kind: reference}

    return build


def location(gaps: Sequence[TemplateVariable]) -> Put:
    """A place of latitude, longitude, name and address."""
    latitude, longitude, name, address = (gap.key for gap in gaps)

    def build(values: Values) -> Parameter:
        place = {
            "latitude": _degrees(values, latitude, 90),
            "longitude": _degrees(values, longitude, 180),
            "name": needed(values, name),
            "address": needed(values, address),
        }
        return {"type": "location", "location": place}

    return build


def product(sku: str, *catalogs: str) -> Put:
    """A product; its catalog stands under the first of these keys that has a value."""

    def build(values: Values) -> Parameter:
        catalog = next((key for key in catalogs if clean(values.get(key))), catalogs[-1])
        found = {"product_retailer_id": needed(values, sku), "catalog_id": needed(values, catalog)}
        return {"type": "product", "product": found}

    return build


def products(sections: str, thumbnail: str) -> Put:
    """Products in sections; the picture above them is the thumbnail's, else the first product's."""

    def build(values: Values) -> Parameter:
        try:
            wanted = read_sections(needed(values, sections))
            listed = sections_of(wanted)
        except BadMessage as error:
            raise MissingValue(sections, str(error)) from None
        shown = clean(values.get(thumbnail)) or wanted[0].products[0]
        return action({"thumbnail_product_retailer_id": shown, "sections": listed})

    return build


def expiration(key: str) -> Put:
    """The end of an offer, in Unix milliseconds; Meta takes none that has passed."""

    def build(values: Values) -> Parameter:
        ends = unix_milliseconds(key, needed(values, key))
        if ends <= time() * 1000:
            raise MissingValue(key, "The offer has ended already; choose a time that lies ahead.")
        return {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": ends}}

    return build


def action(content: Mapping[str, object]) -> Parameter:
    return {"type": "action", "action": content}


def _degrees(values: Values, key: str, most: int) -> float:
    try:
        degrees = float(needed(values, key))
    except ValueError as error:
        if isinstance(error, MissingValue):
            raise
        degrees = most + 1.0
    if not -most <= degrees <= most:
        raise MissingValue(key, f"{_spoken(key)} must be a number between -{most} and {most}.")
    return degrees


def unix_milliseconds(key: str, written: str) -> int:
    """Of Unix seconds or milliseconds, or an ISO time with its zone: one without would mean nobody knows when.

    Raises MissingValue.
    """
    sentence = f"{_spoken(key)} must be a time with its zone, such as 2026-12-31T18:00:00+05:30."
    if written.isascii() and written.isdigit():
        number = int(written)
        moment = number if number >= MILLISECONDS_FROM else number * 1000
    else:
        try:
            when = datetime.fromisoformat(written)
        except ValueError:
            raise MissingValue(key, sentence) from None
        if when.tzinfo is None:
            raise MissingValue(key, sentence)
        moment = int(when.astimezone(UTC).timestamp() * 1000)
    if not 0 < moment < YEAR_2100 * 1000:
        raise MissingValue(key, sentence)
    return moment


def _spoken(key: str) -> str:
    """A key in words: "Variable {{1}} of the text", "Variable {{media}} of the header of card 2"."""
    parts = key.split(".")
    card = f" of card {int(parts[1]) + 1}" if parts[0] == "card" else ""
    part, *where, name = parts[2:] if card else parts
    button = f" {int(where[0]) + 1}" if where else ""
    whole = {"body": "text", "limited_time_offer": "offer"}.get(part, part)
    return f"Variable {{{{{name}}}}} of {'' if button else 'the '}{whole}{button}{card}"
