"""What became of a request: the one place that decides between done, refused, never sent and unknown."""

import ssl
from collections.abc import Iterable
from typing import cast

import requests
import urllib3

from app.meta.errors import MetaError, NotSent, OutcomeUnknown
from app.meta.foreign import integer, mapping, text

# Whatever `requests` lets through: its own errors, urllib3's that it does not translate, plain sockets' ones.
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)

NEVER_LEFT = (
    urllib3.exceptions.ConnectTimeoutError,  # also its children: refused connection, unknown host
    requests.exceptions.ConnectTimeout,
    ssl.SSLCertVerificationError,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidJSONError,
    urllib3.exceptions.LocationValueError,
)
MASK = "•••"


def failure_of(exception: BaseException) -> NotSent | OutcomeUnknown:
    """NotSent when this exception proves that nothing left, OutcomeUnknown otherwise.

    The new exception names the kind only: the old one's text holds the URL and its request the token.
    """
    chain = list(_causes(exception))
    reason = type(chain[-1]).__name__
    never_left = any(isinstance(cause, NEVER_LEFT) for cause in chain)
    return NotSent(reason) if never_left else OutcomeUnknown(reason)


def _causes(exception: BaseException) -> Iterable[BaseException]:
    """The exception and what it wraps: the libraries keep the cause in `reason` or in the arguments."""
    seen: BaseException | None = exception
    while isinstance(seen, BaseException):
        yield seen
        wrapped = (getattr(seen, "reason", None), *seen.args)
        seen = next((cause for cause in wrapped if isinstance(cause, BaseException)), None)


def answer_of(response: requests.Response, secrets: Iterable[str | None] = ()) -> dict[str, object]:
    """The JSON object of a successful answer; raises MetaError for an error envelope with a code.

    Everything else (redirect, bare 5xx, a proxy's page, no JSON object) proves nothing: OutcomeUnknown.
    `secrets` are masked in the texts, because Meta quotes a malformed token in its message.
    """
    if response.is_redirect or 300 <= response.status_code < 400:
        raise OutcomeUnknown("a redirect", response.status_code)
    body = _json(response)
    if body is not None and (refusal := refusal_of(body, response.status_code, secrets)):
        raise refusal
    if body is None or not response.ok or "error" in body:
        raise OutcomeUnknown(f"HTTP {response.status_code} without an answer we can read", response.status_code)
    return body


def _json(response: requests.Response) -> dict[str, object] | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, object], body) if isinstance(body, dict) else None


def refusal_of(body: dict[str, object], http_status: int, secrets: Iterable[str | None]) -> MetaError | None:
    """The MetaError in an error envelope, None where there is no envelope or no code in it."""
    error = mapping(body.get("error"))
    code = integer(error.get("code"))
    if code is None:
        return None
    details = mapping(error.get("error_data")).get("details") or error.get("error_user_msg")
    return MetaError(
        code,
        integer(error.get("error_subcode")),
        masked(text(error.get("message")) or "", secrets),
        masked(text(details) or "", secrets) or None,
        http_status,
        text(error.get("fbtrace_id")),
    )


def masked(words: str, secrets: Iterable[str | None]) -> str:
    """The words with every secret in them blotted out."""
    for secret in filter(None, secrets):
        words = words.replace(secret, MASK)
    return words


def require_success(answer: dict[str, object]) -> None:
    """Raises OutcomeUnknown unless Meta says that it did what it was asked."""
    if answer.get("success") is not True:
        raise OutcomeUnknown("an answer that does not say success", 200)
