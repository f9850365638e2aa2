"""One account-level change as its handlers see it, and how they say that they cannot use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.campaigns.jobs.send import send_campaign
from app.channels.models import Channel
from app.message_templates.jobs.reading import sync_templates
from app.meta.foreign import text
from app.shared import queues
from app.shared.queues import Ring


class Unusable(ValueError):
    """Something needed is missing or odd; the sentence says what. The change has no effect then."""


@dataclass(slots=True)
class Told:
    """What Meta told about one channel at a time of its clock, and the rings that follow from it."""

    channel: Channel
    value: Mapping[str, object]
    at: datetime
    rings: list[Ring] = field(default_factory=list)

    def word(self, name: str) -> str:
        """Meta's word in this field, in capitals. Raises Unusable where there is none."""
        return self.needed(name).upper()

    def needed(self, name: str) -> str:
        """The text in this field. Raises Unusable where there is none."""
        found = text(self.value.get(name))
        if found is None:
            raise Unusable(f"has no {name}")
        return found

    def maybe(self, name: str) -> str | None:
        """The text in this field, if any."""
        return text(self.value.get(name))

    def moment(self, word: str) -> str:
        """An alert's subject for what happens and is over: the next is another, also to who has seen this one."""
        return f"{word} {self.at:%Y-%m-%dT%H:%M:%SZ}"

    def ring_sync(self) -> None:
        """Read the templates from Meta after the commit."""
        self.rings.append(Ring(queues.SYNC, sync_templates, (self.channel.id,)))

    def ring_sending(self, campaign_ids: Iterable[int]) -> None:
        """Let these campaigns be sent on after the commit."""
        self.rings += [Ring(queues.SENDS, send_campaign, (campaign_id,)) for campaign_id in campaign_ids]
