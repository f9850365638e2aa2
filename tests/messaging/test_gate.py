"""The gate: a table of facts and reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.messaging.engine.gate import Facts, refusal
from app.messaging.models import SkipReason

WILLING = Facts("+919812345678", None, is_marketing=True, has_opted_out=False, has_consent=True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"has_opted_out": True}, SkipReason.OPTED_OUT),
        ({"has_consent": False}, SkipReason.NO_CONSENT),
        ({"has_opted_out": True, "has_consent": False}, SkipReason.OPTED_OUT),
        ({"phone": "+12025550123"}, SkipReason.US_MARKETING),
        ({"phone": None}, SkipReason.NO_ADDRESS),
        ({"phone": None, "user_id": "IN.1"}, None),
        ({"has_opted_out": True, "is_marketing": False}, None),
        ({"phone": "+12025550123", "is_marketing": False}, None),
    ],
)
def test_it_lets_only_the_allowed_pass(changes: dict[str, object], reason: SkipReason | None) -> None:
    assert refusal(replace(WILLING, **changes)) is reason  # type: ignore[arg-type]
