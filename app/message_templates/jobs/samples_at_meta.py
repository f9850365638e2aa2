"""A header's sample file on its way to Meta."""

from __future__ import annotations

from typing import Any

from app.channels.models import Channel
from app.message_templates import drafts, samples
from app.meta.errors import OutcomeUnknown
from app.meta.media import upload_sample
from app.meta.phone_numbers import debug_token
from app.meta.transport import Transport
from app.shared.errors import Refused
from app.storage import files
from app.storage.store import NotStored


class Upload:
    """One sample to be uploaded, or none. At Meta samples belong to the token's app, which is asked for once.

    Raises Refused when the file is no longer in our storage.
    """

    def __init__(self, channel: Channel, key: str | None) -> None:
        self.key, self.app_id, self.token = key, channel.app_id, channel.token
        self.is_done = key is None
        try:
            self.length = files.size(key) if key else 0
        except NotStored as error:
            raise Refused("The sample file is gone from our storage. Choose it again.") from error

    def put_into(self, definition: dict[str, Any], transport: Transport) -> dict[str, Any]:
        """The definition with the handle that Meta gives for the file; raises MetaFailure."""
        if self.key is None:
            return definition
        app_id = self._app(transport)
        mime_type = samples.mime_type_of(self.key)
        name = f"sample{samples.SUFFIXES[mime_type]}"
        with files.open_file(self.key) as file:
            handle = upload_sample(transport, app_id, name, file, self.length, mime_type)
        self.is_done = True
        return drafts.with_handle(definition, handle)

    def remember(self, channel: Channel) -> None:
        """Keep the app's id for the next time."""
        channel.app_id = channel.app_id or self.app_id

    def _app(self, transport: Transport) -> str:
        self.app_id = self.app_id or debug_token(transport, self.token).app_id
        if self.app_id is None:
            raise OutcomeUnknown("a token whose app is not told")
        return self.app_id
