"""What time Meta has, read off the `Date` of any answer."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from app.meta.outcome import FAILURES, failure_of


def read_clock(base_url: str, timeout: float) -> datetime | None:
    """Meta's time in UTC, to the second; None when the answer names none.

    No token is shown: what Meta answers does not matter, only when. Raises NotSent or OutcomeUnknown.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(base_url, timeout=timeout, allow_redirects=False, stream=True)
        except FAILURES as exception:
            raise failure_of(exception) from None
    return _moment(answer.headers.get("Date", ""))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
