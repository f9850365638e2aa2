"""Meta's limits for message templates, and the shape of a complaint about one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
PARAMETER_FORMATS = ("POSITIONAL", "NAMED")
HEADER_FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT")

MAX_NAME = 512
NAME = re.compile(rf"[a-z0-9_]{{1,{MAX_NAME}}}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
VARIABLE_NAME = re.compile(r"[a-z_][a-z0-9_]*")

MAX_HEADER = 60
MAX_HEADER_VARIABLES = 1
MAX_BODY = 1024
MAX_FOOTER = 60

MAX_BUTTONS = 10
MAX_BUTTONS_OF_KIND = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
MAX_LABEL = 25
MAX_URL = 2000
MAX_PHONE = 20
MAX_CODE = 20

MAX_OFFER_TEXT = 16
MAX_OFFER_BODY = 600
MAX_OFFER_CODE = 15

MIN_CARDS, MAX_CARDS = 2, 10
MAX_CARD_BODY = 160
MAX_CARD_BUTTONS = 2

MAX_CODE_MINUTES = 90

# Not Meta's own rules, but what those who submit many templates report: worth a warning, not a refusal.
ADVISED_MARKETING_BODY = 550
ADVISED_EMOJI = 10
ADVISED_WORDS_PER_VARIABLE = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that a template breaks.

    `field` is where: name, language, category, parameter_format, components, header, header.text, header.sample,
    header.samples.1, body.text, body.samples.first_name, footer.text, buttons, buttons.0.text, buttons.0.url,
    buttons.0.sample, buttons.0.phone_number, limited_time_offer.text, carousel, cards.1.body.text …
    `sentence` is for people; `code` for programs: required, too_long, bad_value, duplicate, not_allowed,
    variable_format, variable_gap, variable_edge, variable_adjacent, variable_ratio, variable_count,
    sample_missing, button_count, button_order, card_count, card_shape.
    """

    field: str
    sentence: str
    code: str


def too_long(field: str, what: str, words: str, limit: int) -> Iterator[Problem]:
    """A problem when the words are longer than the limit."""
    if len(words) > limit:
        yield Problem(field, f"{what} may have at most {limit:,} characters; it has {len(words):,}.", "too_long")


def spoken(kind: str) -> str:
    """A kind of component in words: "limited-time offer", "header"."""
    return {"LIMITED_TIME_OFFER": "limited-time offer"}.get(kind, kind.replace("_", " ").lower())
