"""Payloads that another project collected, where its folder stands beside this repository."""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.meta.payloads import BadItem, inbound_messages, kinds, statuses

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "pywa"
MISSING = f"no payloads beside the repository ({CORPORA.name})"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=MISSING)


def bodies(folder: str) -> dict[str, dict[str, object]]:
    files = sorted((CORPORA / folder).glob("*.json"))
    return {f"{file.stem}.{name}": body for file in files for name, body in json.loads(file.read_text()).items()}


WEBHOOKS = bodies("webhooks")
MESSAGE_TYPES = {"messages.text": 5, "messages.image": 2, "messages.interactive": 8, "messages.button": 2}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_it_reads_each_webhook_without_a_complaint(name):
    bad: list[BadItem] = []
    found = [*statuses(WEBHOOKS[name], bad.append), *inbound_messages(WEBHOOKS[name], bad.append)]
    assert bad == []
    assert bool(found) == any(kind.startswith("messages.") for kind in kinds(WEBHOOKS[name]))
    assert "unreadable" not in kinds(WEBHOOKS[name])


def test_it_knows_what_all_the_webhooks_are_about():
    counted = Counter(kind for body in WEBHOOKS.values() for kind in kinds(body))
    assert counted["messages.statuses"] == 7
    assert counted["account_update"] == 17
    assert {kind: counted[kind] for kind in MESSAGE_TYPES} == MESSAGE_TYPES
