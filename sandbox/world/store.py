"""What survives a restart: a journal of facts, one JSON line each, and a small snapshot of all the rest.

The journal is written through before a call is answered, so even a killed sandbox knows every message
it accepted and every webhook it still owes. The snapshot holds what changes rarely (templates, tuning,
media, counts) and is replaced as a whole, a moment after a change and at the end.
"""

import asyncio
import gc
import json
import os
from pathlib import Path
from typing import Any

from sandbox.tuning import Tuning
from sandbox.world.facts import Fact, Outgoing
from sandbox.world.lines import fact_of
from sandbox.world.message_template import Template
from sandbox.world.world import World

DEBOUNCE = 1.0
COUNTED_BY_JOURNAL = ("pending", "statuses_sent")
DEFAULT_TEMPLATES = Path(__file__).with_name("templates.json")


class Store:
    """The two files under `folder`, and the world they describe."""

    def __init__(self, folder: Path, world: World, tuning: Tuning) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._journal_path = folder / "journal.jsonl"
        self._snapshot_path = folder / "state.json"
        self.media_folder = folder / "media"
        self._world = world
        self._tuning = tuning
        self._plain_tuning = tuning.as_json()
        self._saving: asyncio.Task[None] | None = None
        self._file = os.open(self._journal_path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = 0

    def load(self) -> None:
        """Bring the world back as it was; a first start gets the default templates."""
        snapshot = json.loads(self._snapshot_path.read_text()) if self._snapshot_path.exists() else {}
        templates = snapshot.get("templates") or json.loads(DEFAULT_TEMPLATES.read_text())
        self._world.templates = {one["id"]: Template(**one) for one in templates}
        self._world.media = snapshot.get("media", {})
        self._world.subscribed = snapshot.get("subscribed", True)
        self._world.counts.update(snapshot.get("counts", {}))
        self._world.rejected.update(snapshot.get("rejected", {}))
        self._tuning.change(snapshot.get("tuning", {}))
        gc.disable()  # nothing of what is read here is garbage; looking for it doubles the time
        self._replay()
        gc.enable()

    def record(self, line: dict[str, Any]) -> Fact:
        """Make a fact durable, then part of the world. The lines' keys stand in `world.lines`."""
        return self._apply(line, self._append(line))

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
        """Something in the snapshot changed: write it a moment later, off the event loop."""
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_soon())

    def forget(self) -> None:
        """Back to the first day: no facts, default templates and tuning, no files."""
        os.ftruncate(self._file, 0)
        self._size = 0
        self._snapshot_path.unlink(missing_ok=True)
        for file in self.media_folder.glob("*"):
            file.unlink()
        world = self._world
        for part in (world.customers, world.facts, world.outgoing, world.incoming, world.counts):
            part.clear()
        world.rejected.clear()
        world.unique = type(world.unique)()
        self._tuning.change(self._plain_tuning)
        self.load()

    def close(self) -> None:
        """Write the snapshot and let go of the files."""
        if self._saving:
            self._saving.cancel()
        self._write(self._snapshot())
        os.close(self._file)

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
                else:
                    self._apply(line, place)
        os.ftruncate(self._file, self._size)

    def _apply(self, line: dict[str, Any], place: tuple[int, int]) -> Fact:
        fact = fact_of(line, self._world, place)
        self._world.add(fact)
        return fact

    async def _save_soon(self) -> None:
        await asyncio.sleep(DEBOUNCE)
        await asyncio.to_thread(self._write, self._snapshot())

    def _snapshot(self) -> dict[str, Any]:
        world = self._world
        counts = {name: count for name, count in world.counts.items() if name not in COUNTED_BY_JOURNAL}
        return {
            "tuning": _differences(self._plain_tuning, self._tuning.as_json()),
            "templates": [template.as_json() for template in world.templates.values()],
            "media": dict(world.media),
            "subscribed": world.subscribed,
            "counts": counts,
            "rejected": dict(world.rejected),
        }

    def _write(self, snapshot: dict[str, Any]) -> None:
        draft = self._snapshot_path.with_suffix(".draft")
        draft.write_text(json.dumps(snapshot, indent=1))
        draft.replace(self._snapshot_path)


def _differences(usual: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """Only what was changed by hand is kept, so that a new environment or default is not overruled."""
    changed = {}
    for name, value in present.items():
        if isinstance(value, dict):
            value = _differences(usual[name], value)
        if value not in (usual[name], {}):
            changed[name] = value
    return changed
