"""Meta's rules for the buttons of a message template: how many, in which order, and what stands on each."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby

from app.meta import template_limits as limits
from app.meta.definition import Component, type_of
from app.meta.foreign import items, sequence, text
from app.meta.placeholders import PLACEHOLDER
from app.meta.template_limits import Problem, too_long

LABELLED = ("QUICK_REPLY", "URL", "PHONE_NUMBER")
PHONE = re.compile(r"\+?[0-9 ()-]+")
OTP_TYPES = ("COPY_CODE", "ONE_TAP", "ZERO_TAP")


def button_problems(where: str, listed: object) -> Iterator[Problem]:
    """The problems of a template's buttons, or of a card's (`where` is "cards.0.")."""
    buttons = list(items(listed))
    kinds = [type_of(button) for button in buttons]
    yield from _count_problems(f"{where}buttons", kinds)
    runs = [is_reply for is_reply, _ in groupby(kinds, key=lambda kind: kind == "QUICK_REPLY")]
    if runs.count(True) > 1:
        yield Problem(f"{where}buttons", "Quick replies stand together, before or after the others.", "button_order")
    for index, button in enumerate(buttons):
        field = f"{where}buttons.{index}"
        yield from _label_problems(f"{field}.text", button)
        if rule := RULES.get(kinds[index]):
            yield from rule(field, button)


def _count_problems(field: str, kinds: list[str]) -> Iterator[Problem]:
    if len(kinds) > limits.MAX_BUTTONS:
        yield Problem(field, f"A template has at most {limits.MAX_BUTTONS} buttons.", "button_count")
    for kind, count in Counter(kinds).items():
        most = limits.MAX_BUTTONS_OF_KIND.get(kind, limits.MAX_BUTTONS)
        if count > most:
            name = kind.replace("_", " ").lower().replace("url", "link")
            yield Problem(field, f"A template has at most {most} {name} button{'s' * (most > 1)}.", "button_count")


def _label_problems(field: str, button: Component) -> Iterator[Problem]:
    label = text(button.get("text")) or ""
    if type_of(button) in LABELLED and not label.strip():
        yield Problem(field, "The button needs a label.", "required")
    if PLACEHOLDER.search(label):
        yield Problem(field, "A button's label holds no variables.", "variable_count")
    yield from too_long(field, "A button's label", label, limits.MAX_LABEL)


def _url_problems(field: str, button: Component) -> Iterator[Problem]:
    url = text(button.get("url")) or ""
    if not url.lower().startswith(("https://", "http://")):
        yield Problem(f"{field}.url", "The address begins with https://.", "bad_value")
    yield from too_long(f"{field}.url", "The address", url, limits.MAX_URL)
    found = list(PLACEHOLDER.finditer(url))
    if not found and "{{" in url:
        yield Problem(f"{field}.url", "Write the address's variable as {{1}}.", "variable_format")
    if not found:
        return
    if len(found) > 1 or found[0].end() != len(url):
        yield Problem(f"{field}.url", "An address holds one variable at most, at its very end.", "variable_edge")
    samples = sequence(button.get("example"))
    if not text(samples[0] if samples else button.get("example")):
        yield Problem(f"{field}.sample", "Meta wants a sample of the whole address.", "sample_missing")


def _phone_problems(field: str, button: Component) -> Iterator[Problem]:
    phone = text(button.get("phone_number")) or ""
    if not PHONE.fullmatch(phone):
        yield Problem(f"{field}.phone_number", "Write the number with its country code: +919812345678.", "bad_value")
    yield from too_long(f"{field}.phone_number", "The phone number", phone, limits.MAX_PHONE)


def _code_problems(field: str, button: Component) -> Iterator[Problem]:
    samples = sequence(button.get("example"))
    code = text(samples[0] if samples else button.get("example")) or ""
    if not code.strip():
        yield Problem(f"{field}.sample", "Meta wants a sample of the code.", "sample_missing")
    yield from too_long(f"{field}.sample", "A code", code, limits.MAX_CODE)


def _otp_problems(field: str, button: Component) -> Iterator[Problem]:
    kind = (text(button.get("otp_type")) or "").upper()
    if kind not in OTP_TYPES:
        yield Problem(f"{field}.otp_type", "A code is copied, or filled in with one tap or none.", "bad_value")
    # An older form names the one app on the button itself.
    elif kind != "COPY_CODE" and not (sequence(button.get("supported_apps")) or button.get("package_name")):
        yield Problem(f"{field}.supported_apps", "Say which app takes the code.", "required")


RULES: dict[str, Callable[[str, Component], Iterator[Problem]]] = {
    "URL": _url_problems,
    "PHONE_NUMBER": _phone_problems,
    "COPY_CODE": _code_problems,
    "OTP": _otp_problems,
}
