"""The buttons of a template definition."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

from sandbox.errors import GraphError
from sandbox.validation.template_refusal import refusal
from sandbox.validation.template_text import TOO_LONG
from sandbox.world.message_template import VARIABLE

MOST_BUTTONS = 10
MOST_OF_KIND = {
    "QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "CATALOG": 1, "MPM": 1, "SPM": 1, "FLOW": 1,
    "OTP": 1, "VOICE_CALL": 1, "REQUEST_CONTACT_INFO": 1,
}  # fmt: skip
UNLABELLED = ("COPY_CODE", "OTP", "REQUEST_CONTACT_INFO")
LONGEST_LABEL, LONGEST_URL, LONGEST_CODE, LONGEST_PHONE = 25, 2000, 20, 20
PHONE = re.compile(r"\+?[0-9]{5,20}")


def check_buttons(buttons: Any, most: int = MOST_BUTTONS, longest_code: int = LONGEST_CODE) -> list[dict[str, Any]]:
    """How many of which kind, in which order, and what each needs; the buttons, once they are known to be some."""
    if not isinstance(buttons, list) or not buttons or not all(isinstance(one, dict) for one in buttons):
        raise GraphError(100, "The parameter buttons must be an array of objects.")
    if len(buttons) > most:
        raise refusal(f"There may be at most {most} buttons.")
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    for kind, count in Counter(kinds).items():
        if kind not in MOST_OF_KIND:
            raise GraphError(100, f"Param type must be one of {{{', '.join(MOST_OF_KIND)}}}.")
        if count > MOST_OF_KIND[kind]:
            raise refusal(f"A template may have at most {MOST_OF_KIND[kind]} buttons of type {kind}.")
    groups = [is_reply for is_reply, _ in groupby(kinds, key=lambda kind: kind == "QUICK_REPLY")]
    if groups.count(True) > 1:
        raise refusal("Quick replies must stand together.")
    for kind, button in zip(kinds, buttons, strict=True):
        _check_button(kind, button, longest_code)
    return buttons


def _check_button(kind: str, button: dict[str, Any], longest_code: int) -> None:
    label = button.get("text")
    if kind not in UNLABELLED and not (isinstance(label, str) and label.strip()):
        raise refusal(f"A button of type {kind} needs a label.")
    if label and len(str(label)) > LONGEST_LABEL:
        raise refusal(f"A button's label may have at most {LONGEST_LABEL} characters.", TOO_LONG)
    if label and VARIABLE.search(str(label)):
        raise refusal("A button's label may hold no variables.")
    if kind == "COPY_CODE":
        _check_code(button, longest_code)
    elif kind in _CHECKS:
        _CHECKS[kind](button)


def _check_url(button: dict[str, Any]) -> None:
    url = str(button.get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise refusal("A button of type URL needs an address.")
    if len(url) > LONGEST_URL:
        raise refusal(f"A button's address may have at most {LONGEST_URL} characters.", TOO_LONG)
    variables = list(VARIABLE.finditer(url))
    if not variables:
        return
    if len(variables) > 1 or variables[0].end() != len(url) or variables[0][1] != "1":
        raise refusal("A button's address may have one variable, {{1}}, at its end.")
    example = button.get("example")
    if not (isinstance(example, list) and example and all(isinstance(one, str) and one for one in example)):
        raise refusal("A button whose address has a variable needs an example.")


def _check_phone(button: dict[str, Any]) -> None:
    if not PHONE.fullmatch(str(button.get("phone_number", ""))):
        raise refusal(f"A button of type PHONE_NUMBER needs a number of at most {LONGEST_PHONE} digits.")


def _check_code(button: dict[str, Any], longest: int) -> None:
    example = button.get("example")
    code = example[0] if isinstance(example, list) and example else example
    if not isinstance(code, str) or not code:
        raise refusal("A button of type COPY_CODE needs an example.")
    if len(code) > longest:
        raise refusal(f"A code may have at most {longest} characters.", TOO_LONG)


def _check_flow(button: dict[str, Any]) -> None:
    if not any(button.get(name) for name in ("flow_id", "flow_name", "flow_json")):
        raise refusal("A button of type FLOW needs flow_id, flow_name or flow_json.")


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "URL": _check_url,
    "PHONE_NUMBER": _check_phone,
    "FLOW": _check_flow,
}
