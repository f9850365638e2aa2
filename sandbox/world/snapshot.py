"""A part of the world in a file of its own, replaced as a whole a moment after it changed."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEBOUNCE = 1.0


class Snapshot:
    """One file. `content` gives what to write; it must hand over dictionaries that nobody changes in place."""

    def __init__(self, path: Path, content: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._content = content
        self._saving: asyncio.Task[None] | None = None

    def read(self) -> dict[str, Any]:
        """What was written last; empty on the first day."""
        found: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return found

    def changed(self) -> None:
        """Write it a moment later, off the event loop."""
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_soon())

    def forget(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write it now."""
        if self._saving:
            self._saving.cancel()
        self._write(self._content())

    async def _save_soon(self) -> None:
        await asyncio.sleep(DEBOUNCE)
        await asyncio.to_thread(self._write, self._content())

    def _write(self, content: dict[str, Any]) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(content, separators=(",", ":")))
        draft.replace(self._path)
