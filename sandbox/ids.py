"""Identifiers in Meta's shapes."""

import base64
import random
import re
import string

# A bijection on 64 bits: every phone has one stable user id, and the id alone gives the phone back,
# so that nothing has to be stored for customers who were only ever written to.
_FACTOR = 0x9E3779B97F4A7C15
_MODULUS = 2**64
_INVERSE = pow(_FACTOR, -1, _MODULUS)
_LETTERS = string.ascii_letters + string.digits
_PUNCTUATION = re.compile(r"[\s().-]+")


def digits_of_phone(text: object) -> str | None:
    """The bare digits of an international number written with or without `+`; None when it is none."""
    digits = _PUNCTUATION.sub("", str(text)).removeprefix("+")
    usable = digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 15 and digits[0] != "0"
    return digits if usable else None


def user_id_of(phone: str) -> str:
    """The stable business-scoped user id of a phone (digits)."""
    return f"IN.{int(phone) * _FACTOR % _MODULUS}"


def phone_of(user_id: str) -> str | None:
    """The phone behind a business-scoped user id made by `user_id_of`; None for any other id."""
    number = user_id.removeprefix("IN.")
    if number == user_id or not (number.isascii() and number.isdigit()) or len(number) > 20:
        return None
    return digits_of_phone(int(number) * _INVERSE % _MODULUS)


def new_message_id(customer: str) -> str:
    """A fresh `wamid.…`, which like Meta's carries the customer and is opaque to everybody."""
    name = customer.encode()[:20]
    raw = bytes((0x1C, 0x18, len(name))) + name + b"\x15\x02\x00\x11\x18\x12" + random.randbytes(9)
    return "wamid." + base64.b64encode(raw).decode()


def new_trace_id() -> str:
    """A fresh `fbtrace_id`."""
    return "A" + "".join(random.choices(_LETTERS, k=10))


def new_node_id() -> str:
    """A fresh numeric id of a Graph node (template, media)."""
    return str(random.randrange(10**14, 10**15))
