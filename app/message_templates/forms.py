"""The builder's form and a template's definition, one made of the other.

The fields are named as Meta's rules name what they complain of (`buttons.0.url`), so that a problem finds its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.message_templates.languages import DEFAULT
from app.message_templates.models import Category, MessageTemplate
from app.meta.definition import Component, read_definition, type_of
from app.meta.foreign import storable, text
from app.meta.placeholders import names_in
from app.meta.samples import button_sample, text_samples

Fields = dict[str, str]
Part = dict[str, Any]

HEADERS = {
    "": "None",
    "TEXT": "Text",
    "IMAGE": "Image",
    "VIDEO": "Video",
    "DOCUMENT": "Document",
    "LOCATION": "Location",
}
WITH_SAMPLE = ("IMAGE", "VIDEO", "DOCUMENT")
# Kind -> what the button says for a start. Catalog buttons have words of Meta's own.
BUTTONS = {
    "QUICK_REPLY": "",
    "URL": "",
    "PHONE_NUMBER": "",
    "COPY_CODE": "",
    "CATALOG": "View catalog",
    "MPM": "View items",
}
FIELDS_OF = {
    "QUICK_REPLY": ("text",),
    "URL": ("text", "url", "sample"),
    "PHONE_NUMBER": ("text", "phone_number"),
    "COPY_CODE": ("sample",),
    "CATALOG": ("text",),
    "MPM": ("text",),
}
COMPONENTS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER")
CATEGORIES = (Category.MARKETING, Category.UTILITY)

HIGHEST = 50  # a sample for each number up to here; no text of 1,024 characters needs more
_BUTTON = re.compile(r"buttons\.(\d{1,3})\.(type|text|url|sample|phone_number)")
_UNFIT = re.compile(r"[^a-z0-9_]+")


def blank() -> Fields:
    """An empty form."""
    return {"language": DEFAULT, "category": Category.MARKETING.value, "parameter_format": "NAMED"}


def read(form: Mapping[str, str]) -> Fields:
    """What was typed: with plain line ends, a name as Meta wants it, and the buttons counted from 0."""
    typed = {name: str(storable(value)).replace("\r\n", "\n") for name, value in form.items()}
    fields = {name: value for name, value in typed.items() if not name.startswith("buttons.")}
    fields["name"] = slug(fields.get("name", ""))
    return fields | _numbered(_buttons_in(typed))


def slug(title: str) -> str:
    """ "Diwali offer!" → diwali_offer"""
    return _UNFIT.sub("_", title.strip().lower()).strip("_")[:512]


def rearranged(fields: Fields, deed: str) -> Fields:
    """The form after add:URL, remove:1, up:1 or down:1; anything else changes nothing."""
    verb, _, what = deed.partition(":")
    buttons = _buttons_in(fields)
    if verb == "add" and what in BUTTONS:
        buttons.append({"type": what, "text": BUTTONS[what]})
    elif what.isdecimal() and int(what) < len(buttons):
        index = int(what)
        button = buttons.pop(index)
        if verb in ("up", "down"):
            buttons.insert(max(0, index + (1 if verb == "down" else -1)), button)
    kept = {name: value for name, value in fields.items() if not name.startswith("buttons.")}
    return kept | _numbered(buttons)


def buttons_of(fields: Fields) -> list[Fields]:
    """The rows of the buttons."""
    return _buttons_in(fields)


def variables_of(fields: Fields, part: str) -> list[str]:
    """The names of the variables in the header's or the body's text, each once."""
    if part == "header" and fields.get("header.format") != "TEXT":
        return []
    return names_in(fields.get(f"{part}.text", ""))


def definition_of(fields: Fields) -> Part:
    """What Meta is to be told, without the sample file's handle; incomplete where the form is."""
    named = fields.get("parameter_format") == "NAMED"
    parts = (_header(fields, named), _offer(fields), _body(fields, named), _footer(fields), _buttons(fields))
    return {
        "name": fields.get("name", ""),
        "language": fields.get("language", ""),
        "category": fields.get("category", ""),
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": [part for part in parts if part],
    }


def fields_of(template: MessageTemplate) -> Fields:
    """The form that a template would have been made with."""
    parts = read_definition(template.components)
    fields = {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "header.format": (parts.header_format or "").upper(),
        "header.text": text(parts.header.get("text")) or "",
        "body.text": text(parts.body.get("text")) or "",
        "footer.text": text(parts.footer.get("text")) or "",
        "limited_time_offer.text": text(parts.offer.get("text")) or "",
    }
    if "LIMITED_TIME_OFFER" in parts.types:
        fields["limited_time_offer"] = "on"
    for part, component in (("header", parts.header), ("body", parts.body)):
        samples = text_samples(component, part)
        fields |= {f"{part}.samples.{name}": sample for name, sample in samples.items()}
    return fields | _numbered([_row(button) for button in parts.buttons])


def strange_parts(template: MessageTemplate) -> list[str]:
    """What the builder cannot write, in Meta's words; a template with one is changed in WhatsApp Manager."""
    parts = read_definition(template.components)
    strange = [kind for kind in parts.types if kind not in COMPONENTS]
    if (parts.header_format or "").upper() not in HEADERS:
        strange.append(f"{parts.header_format} header".upper())
    strange += [f"{type_of(button)} button" for button in parts.buttons if type_of(button) not in BUTTONS]
    if template.category not in CATEGORIES:
        strange.append(f"{template.category} category")
    return list(dict.fromkeys(strange))


def _buttons_in(fields: Mapping[str, str]) -> list[Fields]:
    rows: dict[int, Fields] = {}
    for name, value in fields.items():
        if found := _BUTTON.fullmatch(name):
            rows.setdefault(int(found[1]), {})[found[2]] = value
    return [row for _, row in sorted(rows.items()) if row.get("type") in BUTTONS]


def _numbered(buttons: list[Fields]) -> Fields:
    return {f"buttons.{index}.{name}": value for index, row in enumerate(buttons) for name, value in row.items()}


def _header(fields: Fields, named: bool) -> Part | None:
    form = fields.get("header.format", "")
    if form not in HEADERS or not form:
        return None
    if form != "TEXT":
        return {"type": "HEADER", "format": form}
    return {"type": "HEADER", "format": form} | _words(fields, "header", named)


def _body(fields: Fields, named: bool) -> Part:
    return {"type": "BODY"} | _words(fields, "body", named)


def _words(fields: Fields, part: str, named: bool) -> Part:
    """A text with the samples of its variables, in the shape that Meta has for them."""
    words = fields.get(f"{part}.text", "").strip()
    names = variables_of(fields, part)
    found: Part = {"text": words}
    if names and named:
        samples = [{"param_name": name, "example": _sample(fields, part, name)} for name in names]
        found["example"] = {f"{part}_text_named_params": samples}
    elif numbers := [int(name) for name in names if name.isdecimal()]:
        listed = [_sample(fields, part, str(number + 1)) for number in range(min(max(numbers), HIGHEST))]
        found["example"] = {f"{part}_text": [listed] if part == "body" else listed}
    return found


def _sample(fields: Fields, part: str, name: str) -> str:
    return fields.get(f"{part}.samples.{name}", "").strip()


def _offer(fields: Fields) -> Part | None:
    if "limited_time_offer" not in fields:
        return None
    offer = {"text": fields.get("limited_time_offer.text", "").strip(), "has_expiration": True}
    return {"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer}


def _footer(fields: Fields) -> Part | None:
    words = fields.get("footer.text", "").strip()
    return {"type": "FOOTER", "text": words} if words else None


def _buttons(fields: Fields) -> Part | None:
    buttons = [_button(row) for row in _buttons_in(fields)]
    return {"type": "BUTTONS", "buttons": buttons} if buttons else None


def _button(row: Fields) -> Part:
    typed = {name: row.get(name, "").strip() for name in ("type", "text", "url", "sample", "phone_number")}
    button: Part = {"type": typed["type"], "text": typed["text"]}
    if typed["type"] == "URL":
        button |= {"url": typed["url"]} | _whole_address(typed["url"], typed["sample"])
    elif typed["type"] == "PHONE_NUMBER":
        button |= {"phone_number": re.sub(r"[\s()-]", "", typed["phone_number"])}
    elif typed["type"] == "COPY_CODE":
        button = {"type": "COPY_CODE", "example": typed["sample"]}
    return button


def _whole_address(url: str, sample: str) -> Part:
    """Meta wants the sample as a whole address; people may give its end only."""
    if "{{" not in url or not sample:
        return {}
    is_whole = sample.startswith(("https://", "http://"))
    return {"example": [sample if is_whole else url.partition("{{")[0] + sample]}


def _row(button: Component) -> Fields:
    named = {name: text(button.get(name)) or "" for name in ("text", "url", "phone_number")}
    return {"type": type_of(button), "sample": button_sample(button) or ""} | named


def slots(fields: Fields) -> Iterator[str]:
    """The fields at which a problem can be shown."""
    yield from ("name", "language", "category", "parameter_format", "header", "header.text", "header.sample")
    yield from ("body.text", "limited_time_offer.text", "footer.text", "buttons")
    for part in ("header", "body"):
        yield from (f"{part}.samples.{name}" for name in variables_of(fields, part))
    for index, row in enumerate(_buttons_in(fields)):
        yield from (f"buttons.{index}.{name}" for name in FIELDS_OF[row["type"]])
