"""One HTTP session to Meta's Graph API. It repeats reads, never writes, and follows nobody elsewhere."""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

import requests
from requests.adapters import HTTPAdapter

from app.meta.downloads import CHUNK, FileRefused, copy, is_of, is_trusted
from app.meta.errors import ErrorClass, MetaError, MetaFailure
from app.meta.foreign import items, mapping, text
from app.meta.outcome import FAILURES, answer_of, failure_of

Params = Mapping[str, str | int]
Answer = dict[str, object]

SECRET_PARAMS = ("access_token", "appsecret_proof", "input_token")

# At DEBUG urllib3 prints whole query strings, and ours may carry the proof or a token to be examined.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


@dataclass(frozen=True)
class Transport:
    """A connection to one Graph API with one token; safe to share between threads.

    Times are in seconds. Keep `pool_size` at least as large as the number of threads that send.
    `read_pauses` are the waits before each repetition of a GET.
    Every call may raise MetaError (refused), NotSent (never left) or OutcomeUnknown.
    """

    base_url: str
    version: str
    token: str = field(repr=False)
    app_secret: str | None = field(default=None, repr=False)
    pool_size: int = 32
    connect_timeout: float = 5
    read_timeout: float = 30
    read_pauses: tuple[float, ...] = (0.2, 0.8)
    _session: requests.Session = field(init=False, repr=False, compare=False)
    _blanks: dict[str, requests.PreparedRequest] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # requests would quote the token in its complaint about such a header.
        if not self.token.isascii() or not self.token.isprintable() or " " in self.token or not self.token:
            raise ValueError("The access token is empty or holds a blank or a character no token has.")
        object.__setattr__(self, "_session", self._open_session())

    def _open_session(self) -> requests.Session:
        session = requests.Session()
        # Else ~/.netrc may replace our Authorization, and the environment the proxy and the CA bundle.
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {self.token}"
        if self.app_secret:
            proof = hmac.new(self.app_secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
            session.params = {"appsecret_proof": proof}
        adapter = HTTPAdapter(pool_maxsize=self.pool_size, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def get(self, path: str, params: Params | None = None) -> Answer:
        """The JSON object at this path; passing troubles are tried again within one read timeout."""
        deadline = time.monotonic() + self.read_timeout
        for pause in self.read_pauses:
            try:
                return self._call("GET", path, params)
            except MetaFailure as failure:
                if not _passes(failure) or time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
        return self._call("GET", path, params)

    def get_pages(self, path: str, params: Params | None = None) -> Iterator[Answer]:
        """Every page of a list, as Meta gives it. Only the cursor of `next` is used, never its address."""
        wanted: dict[str, str | int] | None = dict(params or {})
        while wanted is not None:
            page = self.get(path, wanted)
            yield page
            following = _following(page, wanted)
            wanted = following if following != wanted else None

    def get_items(self, path: str, params: Params | None = None) -> Iterator[Mapping[str, object]]:
        """Every object in `data` of every page."""
        for page in self.get_pages(path, params):
            yield from items(page.get("data"))

    def post(self, path: str, json: Mapping[str, object]) -> Answer:
        """One JSON POST, never repeated."""
        return self._answer(lambda: self._post_json(path, json))

    def post_form(self, path: str, form: Params, files: Mapping[str, object] | None = None) -> Answer:
        """One form POST (multipart when there are `files`), never repeated."""
        return self._call("POST", path, data=form, files=files)

    def post_bytes(self, path: str, content: bytes | BinaryIO, offset: int = 0) -> Answer:
        """One POST of a file's bytes, in the way of Meta's resumable uploads; never repeated."""
        headers = {
            # These uploads alone want their token under this name.
            "Authorization": f"OAuth {self.token}",
            "file_offset": str(offset),
            "Content-Type": "application/octet-stream",
        }
        return self._call("POST", path, data=content, headers=headers)

    def delete(self, path: str, params: Params | None = None) -> Answer:
        """One DELETE, never repeated."""
        return self._call("DELETE", path, params)

    def fetch(self, url: str, into: BinaryIO, max_bytes: int) -> str:
        """Copy the file at an address that Meta named into `into`; its SHA-256 in hex.

        Raises FileRefused for an address that is not Meta's (it would see the token) and for more than `max_bytes`;
        what was written until then stays in `into`.
        """
        if not is_trusted(url, self.base_url):
            raise FileRefused("The file's address is not one of Meta's; it was not opened.")
        return copy(self._chunks(url), into, max_bytes)

    def close(self) -> None:
        """Close the pooled connections; a later call would open new ones."""
        self._session.close()

    def _call(self, method: str, path: str, params: Params | None = None, **body: object) -> Answer:
        # A followed 307 or 308 would post the same message a second time.
        return self._answer(
            lambda: self._session.request(
                method,
                self._url(path),
                params=params,
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                **body,  # type: ignore[arg-type]
            ),
            params,
        )

    def _answer(self, exchange: Callable[[], requests.Response], params: Params | None = None) -> Answer:
        try:
            response = exchange()
        except FAILURES as exception:
            failure = failure_of(exception)
        else:
            return answer_of(response, self._secrets(params))
        # Raised out here, so that no context hangs on it: the original holds the token.
        raise failure

    def _post_json(self, path: str, json: Mapping[str, object]) -> requests.Response:
        """The same as a request of the session, which would take address and headers apart for every message."""
        prepared = self._blank(path).copy()
        prepared.prepare_body(None, None, json)
        adapter = self._session.get_adapter(str(prepared.url))
        response = adapter.send(prepared, timeout=(self.connect_timeout, self.read_timeout))
        response.content  # noqa: B018 - read here, where a connection that breaks off is understood
        return response

    def _blank(self, path: str) -> requests.PreparedRequest:
        """A POST to this path that lacks its body."""
        if path not in self._blanks:
            blank = self._session.prepare_request(requests.Request("POST", self._url(path)))
            del blank.headers["Content-Length"]
            self._blanks[path] = blank
        return self._blanks[path]

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{self.version}/{path.lstrip('/')}"

    def _chunks(self, url: str) -> Iterator[bytes]:
        """The bytes behind an address as they come in."""
        # The proof is for the Graph API alone; a None takes it off.
        params = None if is_of(url, self.base_url) else {"appsecret_proof": None}
        timeouts = (self.connect_timeout, self.read_timeout)
        try:
            with self._session.get(
                url, params=params, timeout=timeouts, allow_redirects=False, stream=True
            ) as response:
                if response.status_code != requests.codes.ok:
                    answer_of(response, self._secrets(None))
                    raise FileRefused("Meta answered without a file.")
                yield from response.iter_content(CHUNK)
            return
        except FAILURES as exception:
            failure = failure_of(exception)
        raise failure

    def _secrets(self, params: Params | None) -> tuple[str | None, ...]:
        # An app's token is `id|secret`: its secret alone must not show either.
        return (self.token, self.token.partition("|")[2], self.app_secret, text((params or {}).get("input_token")))


def _passes(failure: MetaFailure) -> bool:
    """Whether reading once more may help: for a read even an unknown outcome does no harm."""
    return not isinstance(failure, MetaError) or failure.error_class is ErrorClass.TRANSIENT


def _following(page: Answer, wanted: Params) -> dict[str, str | int] | None:
    """The parameters of the page after this one, None after the last (which has no `next`)."""
    paging = mapping(page.get("paging"))
    address = text(paging.get("next"))
    if address is None:
        return None
    query = {key: value for key, value in parse_qsl(address.partition("?")[2]) if key not in SECRET_PARAMS}
    after = text(mapping(paging.get("cursors")).get("after"))
    return {**wanted, **query, **({"after": after} if after else {})}
