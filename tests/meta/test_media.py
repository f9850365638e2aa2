"""Files to and from Meta, and to nobody else."""

import base64
import hashlib
import hmac
import io
import json
import traceback

import pytest
import responses
from responses import matchers

from app.meta.downloads import FileRefused, is_trusted
from app.meta.errors import MetaError, NotSent, OutcomeUnknown
from app.meta.media import (
    MediaFile,
    delete_media,
    download_media,
    largest,
    read_media,
    upload_media,
    upload_sample,
)

from .conftest import SECRET, TOKEN, http

URL = "https://graph.example/v26.0"
CDN = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=2"
CONTENT = b"\x89PNG and so on"
SHA = hashlib.sha256(CONTENT)
HIDDEN = "signature-that-nobody-may-see"
PROOF = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


def media(url: str = CDN, sha256: str | None = None, size: int | None = None) -> MediaFile:
    return MediaFile("7", url, "image/png", sha256, size)


@responses.activate
def test_it_uploads_a_file_in_parts(connect):
    call = responses.post(f"{URL}/1065/media", json={"id": 1037})
    assert upload_media(connect(app_secret=SECRET), "1065", "a.png", CONTENT, "image/png") == "1037"
    request = call.calls[0].request
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert CONTENT in request.body
    assert b'name="messaging_product"\r\n\r\nwhatsapp' in request.body
    assert b'filename="a.png"\r\nContent-Type: image/png' in request.body
    assert f"appsecret_proof={PROOF}" in request.url


@responses.activate
def test_it_uploads_a_sample_in_two_steps(connect):
    session = "upload:MTphdHRhY2htZW50OjEy?sig=ARZq"
    fields = {"file_name": "a.png", "file_length": str(len(CONTENT)), "file_type": "image/png"}
    responses.post(f"{URL}/99/uploads", json={"id": session}, match=[matchers.urlencoded_params_matcher(fields)])
    call = responses.post(f"{URL}/{session.partition('?')[0]}", json={"h": "4::aW1h"})
    transport = connect(app_secret=SECRET)
    assert upload_sample(transport, "99", "a.png", io.BytesIO(CONTENT), len(CONTENT), "image/png") == "4::aW1h"
    request = call.calls[0].request
    assert (request.headers["Authorization"], request.headers["file_offset"]) == (f"OAuth {TOKEN}", "0")
    assert f"sig=ARZq&appsecret_proof={PROOF}" in request.url
    assert request.headers["Content-Length"] == str(len(CONTENT))


@responses.activate
def test_it_does_not_believe_an_upload_without_an_id(transport):
    responses.post(f"{URL}/1065/media", json={})
    with pytest.raises(OutcomeUnknown):
        upload_media(transport, "1065", "a.png", CONTENT, "image/png")


@responses.activate
def test_it_looks_a_file_up_and_forgets_it(transport):
    responses.get(f"{URL}/7", json={"id": "7", "url": CDN, "mime_type": "image/png", "sha256": "ab", "file_size": 13})
    responses.delete(f"{URL}/7", json={"success": True})
    assert read_media(transport, "7") == MediaFile("7", CDN, "image/png", "ab", 13)
    delete_media(transport, "7")
    responses.replace("DELETE", f"{URL}/7", json={"success": False})
    with pytest.raises(OutcomeUnknown):
        delete_media(transport, "7")


@pytest.mark.parametrize(
    "told", [SHA.hexdigest(), SHA.hexdigest().upper(), base64.b64encode(SHA.digest()).decode(), None]
)
@responses.activate
def test_it_fetches_a_file_with_the_token_and_without_the_proof(connect, told):
    call = responses.get(CDN, body=CONTENT)
    into = io.BytesIO()
    assert download_media(connect(app_secret=SECRET), media(sha256=told), into) == SHA.hexdigest()
    assert into.getvalue() == CONTENT
    assert call.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "appsecret_proof" not in call.calls[0].request.url


@pytest.mark.parametrize("told", ["0" * 64, base64.b64encode(b"0" * 32).decode(), "no checksum at all"])
@responses.activate
def test_it_notices_another_file(transport, told):
    responses.get(CDN, body=CONTENT)
    with pytest.raises(FileRefused, match="damaged"):
        download_media(transport, media(sha256=told), io.BytesIO())


@pytest.mark.parametrize(
    "url",
    [
        "http://lookaside.fbsbx.com/x",
        "https://evil.example/x",
        "https://fbsbx.com.evil.example/x",
        "https://evilfbsbx.com/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://somebody:else@lookaside.fbsbx.com/x",
        "https://evil.example\\@lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://graph.example:444/x",
        "http://graph.example/x",
        "file:///etc/passwd",
        "//lookaside.fbsbx.com/x",
        "https://[/x",
        "",
    ],
)
@responses.activate
def test_it_shows_its_token_to_nobody_else(transport, url):
    with pytest.raises(FileRefused, match="not one of Meta's"):
        download_media(transport, media(url), io.BytesIO())
    assert len(responses.calls) == 0


def test_it_trusts_its_own_server_and_meta_s():
    assert is_trusted("http://127.0.0.1:8001/media/7", "http://127.0.0.1:8001")
    assert not is_trusted("http://127.0.0.1:8002/media/7", "http://127.0.0.1:8001")
    assert is_trusted("https://scontent.xx.fbcdn.net/a", "https://graph.facebook.com")


@responses.activate
def test_it_does_not_follow_a_file_elsewhere(transport):
    responses.get(CDN, status=302, headers={"Location": "https://evil.example/x"})
    with pytest.raises(OutcomeUnknown):
        download_media(transport, media(), io.BytesIO())
    assert len(responses.calls) == 1


@responses.activate
def test_it_does_not_take_meta_s_refusal_for_a_file(transport):
    responses.get(CDN, status=401, body=json.dumps({"error": {"code": 190, "message": f"Bad token {TOKEN}"}}))
    into = io.BytesIO()
    with pytest.raises(MetaError) as caught:
        download_media(transport, media(), into)
    assert TOKEN not in str(caught.value)
    assert into.getvalue() == b""


def test_it_stops_at_the_size_it_may_have(odd_server, connect):
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000
    server = odd_server(lambda connection: connection.sendall(endless))
    into = io.BytesIO()
    with pytest.raises(FileRefused, match="larger than 100,000 bytes"):
        download_media(connect(server.url), media(f"{server.url}/7"), into, max_bytes=100_000)
    assert len(into.getvalue()) <= 100_000


def test_it_does_not_open_what_meta_says_is_too_large(transport):
    with pytest.raises(FileRefused, match="larger"):
        download_media(transport, media(size=11), io.BytesIO(), max_bytes=10)


def test_it_keeps_its_secrets_when_a_download_breaks(odd_server, connect, caplog):
    caplog.set_level("DEBUG")
    cut = http("200 OK", b"x" * 10).replace(b"Content-Length: 10", b"Content-Length: 99")
    server = odd_server(lambda connection: connection.sendall(cut))
    with pytest.raises(OutcomeUnknown) as caught:
        download_media(connect(server.url, app_secret=SECRET), media(f"{server.url}/7?hash={HIDDEN}"), io.BytesIO())
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not any(secret in told for secret in (TOKEN, SECRET, PROOF, HIDDEN))
    assert caught.value.__context__ is None


def test_it_keeps_its_secrets_when_an_upload_breaks(connect, caplog):
    caplog.set_level("DEBUG")
    with pytest.raises(NotSent) as caught:
        connect("http://127.0.0.1:9", app_secret=SECRET).post_bytes(f"upload:x?sig={HIDDEN}", CONTENT)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not any(secret in told for secret in (TOKEN, SECRET, PROOF, HIDDEN))
    assert caught.value.__context__ is None


def test_it_blames_the_disk_and_not_the_network(transport):
    class Full(io.BytesIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    with responses.RequestsMock() as meta:
        meta.get(CDN, body=CONTENT)
        with pytest.raises(OSError, match="No space"):
            download_media(transport, media(), Full())


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("image/png", 5 * 2**20),
        ("video/mp4", 16 * 2**20),
        ("audio/ogg; codecs=opus", 16 * 2**20),
        ("text/csv", 100 * 2**20),
    ],
)
def test_it_knows_how_large_a_file_may_be(kind, most):
    assert largest(kind) == most
