"""What survives a restart: a journal of facts, one JSON line each, and a few snapshots of all the rest.

The journal is written through before a call is answered, so even a killed sandbox knows every message
it accepted and every webhook it still owes. The snapshots hold what changes rarely (templates, tuning,
media, counts; catalogs; payment links); each is replaced as a whole, a moment after a change and at the end.
"""

import gc
import json
import os
import time
from copy import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.tuning import Tuning
from sandbox.world.facts import Customer, Fact, Outgoing
from sandbox.world.lines import fact_of
from sandbox.world.message_template import Template
from sandbox.world.snapshot import Snapshot
from sandbox.world.world import Account, Channel, World

COUNTED_BY_JOURNAL = ("pending", "statuses_sent")
DEFAULT_TEMPLATES = Path(__file__).with_name("templates.json")
DEFAULT_SHOP = Path(__file__).with_name("catalog.json")
REMEMBERED = ("uploads", "blocked_names", "app_subscriptions", "paid_orders", "has_insights", "subscribed")


class Store:
    """The files under `folder`, and the world they describe."""

    def __init__(self, folder: Path, world: World, tuning: Tuning) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._journal_path = folder / "journal.jsonl"
        self.media_folder = folder / "media"
        self._world = world
        self._tuning = tuning
        self._plain_tuning = tuning.as_json()
        self._state = Snapshot(folder / "state.json", self._content)
        self.shop = Snapshot(folder / "shop.json", world.shop.as_json)
        self.payments = Snapshot(folder / "payments.json", world.payments.as_json)
        self._file = os.open(self._journal_path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = 0

    def load(self) -> None:
        """Bring the world back as it was; a first start gets the default templates."""
        kept, world = self._state.read(), self._world
        templates = kept.get("templates") or json.loads(DEFAULT_TEMPLATES.read_text())
        world.templates = {one["id"]: Template(**one) for one in templates}
        world.account = Account(**kept.get("account", {}))
        world.media = kept.get("media", {})
        for name in REMEMBERED:
            setattr(world, name, kept.get(name, getattr(world, name)))
        for channel_id, facts in kept.get("channels", {}).items():
            if channel_id in world.channels:
                world.channels[channel_id] = Channel(**facts)
        world.counts.update(kept.get("counts", {}))
        world.rejected.update(kept.get("rejected", {}))
        world.shop.load(self.shop.read() or json.loads(DEFAULT_SHOP.read_text()))
        world.payments.load(self.payments.read())
        self._tuning.change(kept.get("tuning", {}))
        gc.disable()  # nothing of what is read here is garbage; looking for it doubles the time
        self._replay()
        gc.enable()

    def record(self, line: dict[str, Any]) -> Fact:
        """Make a fact durable, then part of the world. The lines' keys stand in `world.lines`."""
        return self._apply(line, self._append(line))

    def change_customer(self, customer: Customer, phone: str | None = None, **becomes: Any) -> None:
        """Make a change of a customer durable, then true; the names are those of `CHANGEABLE`."""
        line = {"k": "who", "customer": customer.key, "is": becomes, "phone": phone}
        self._append(line)
        self._world.change_customer(customer.key, becomes, phone)

    def add_step(self, message: Outgoing, step: str) -> None:
        """One thing more follows a message, now: a customer reads what they had not."""
        offset = round((time.time() - message.accepted_at) * 1000)
        self._append({"k": "more", "of": message.n, "step": step, "offset": offset})
        self._world.add_step(message.n, step, offset)

    def settle(self, told: list[tuple[Fact, int]]) -> None:
        """Remember which steps were told, so that a restart does not tell them again."""
        # A post that was under way during a reset speaks of facts that are gone.
        present = [(fact.n, step) for fact, step in told if self._knows(fact)]
        fresh = [[n, step] for n, step in present if self._world.settle(n, step)]
        if fresh:
            self._append({"k": "told", "of": fresh})

    def payload_of(self, message: Outgoing) -> dict[str, Any]:
        """The body of an accepted send as it came."""
        place, length = message.place
        payload: dict[str, Any] = json.loads(os.pread(self._file, length, place))["payload"]
        return payload

    def changed(self) -> None:
        """Something in the small snapshot changed."""
        self._state.changed()

    def forget(self) -> None:
        """Back to the first day: no facts, default templates, catalog and tuning, no files."""
        os.ftruncate(self._file, 0)
        self._size = 0
        for snapshot in self._snapshots:
            snapshot.forget()
        for file in self.media_folder.glob("*"):
            file.unlink()
        self._world.forget()
        self._tuning.change(self._plain_tuning)
        self.load()

    def close(self) -> None:
        """Write the snapshots and let go of the files."""
        for snapshot in self._snapshots:
            snapshot.close()
        os.close(self._file)

    @property
    def _snapshots(self) -> tuple[Snapshot, ...]:
        return self._state, self.shop, self.payments

    def _knows(self, fact: Fact) -> bool:
        facts = self._world.facts
        return fact.n < len(facts) and facts[fact.n] is fact

    def _append(self, line: dict[str, Any]) -> tuple[int, int]:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        place = self._size
        os.write(self._file, text)
        self._size += len(text)
        return place, len(text)

    def _replay(self) -> None:
        with self._journal_path.open("rb") as journal:
            for text in journal:
                if not text.endswith(b"\n"):
                    break  # torn by a crash in the middle of a write; nothing was answered for it
                place = (self._size, len(text))
                self._size += len(text)
                line = json.loads(text)
                if line["k"] == "told":
                    for n, step in line["of"]:
                        self._world.settle(n, step)
                elif line["k"] == "who":
                    self._world.change_customer(line["customer"], line["is"], line["phone"])
                elif line["k"] == "more":
                    self._world.add_step(line["of"], line["step"], line["offset"])
                else:
                    self._apply(line, place)
        os.ftruncate(self._file, self._size)

    def _apply(self, line: dict[str, Any], place: tuple[int, int]) -> Fact:
        fact = fact_of(line, self._world, place)
        self._world.add(fact)
        return fact

    def _content(self) -> dict[str, Any]:
        world = self._world
        counts = {name: count for name, count in world.counts.items() if name not in COUNTED_BY_JOURNAL}
        remembered = {name: copy(getattr(world, name)) for name in REMEMBERED}
        return remembered | {
            "tuning": _differences(self._plain_tuning, self._tuning.as_json()),
            "templates": [template.as_json() for template in world.templates.values()],
            "channels": {channel.id: dict(vars(channel)) for channel in world.channels.values()},
            "account": asdict(world.account),
            "media": dict(world.media),
            "counts": counts,
            "rejected": dict(world.rejected),
        }


def _differences(usual: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """Only what was changed by hand is kept, so that a new environment or default is not overruled."""
    changed = {}
    for name, value in present.items():
        if isinstance(value, dict):
            value = _differences(usual[name], value)
        if value not in (usual[name], {}):
            changed[name] = value
    return changed
