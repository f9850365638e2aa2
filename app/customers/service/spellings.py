"""How one phone number is spelled: Meta writes some countries' mobiles otherwise than people dial them."""

from __future__ import annotations

import phonenumbers


def spellings(digits: str) -> list[str]:
    """The E.164 numbers that Meta's spelling (digits without "+") may stand for, the one to keep first."""
    twin = next((find(digits) for country, find in TWINS.items() if digits.startswith(country)), None)
    written = [f"+{digits}", f"+{twin}"] if twin else [f"+{digits}"]
    return sorted(written, key=lambda number: not _is_valid(number)) if twin else written


def _is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def _mexico(digits: str) -> str | None:
    """52 1 then ten digits, or without the 1."""
    if digits.startswith("521") and len(digits) == 13:
        return "52" + digits[3:]
    return "521" + digits[2:] if len(digits) == 12 else None


def _argentina(digits: str) -> str | None:
    """54 9 then ten digits, or without the 9."""
    if digits.startswith("549") and len(digits) == 13:
        return "54" + digits[3:]
    return "549" + digits[2:] if len(digits) == 12 else None


def _brazil(digits: str) -> str | None:
    """55, two digits of the area, then eight digits with a 9 before them, or without."""
    if len(digits) == 13 and digits[4] == "9":
        return digits[:4] + digits[5:]
    return f"{digits[:4]}9{digits[4:]}" if len(digits) == 12 else None


TWINS = {"52": _mexico, "54": _argentina, "55": _brazil}
