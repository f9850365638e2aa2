"""Sample files of headers: kept when Meta would take them, opened by those who may."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.message_templates import samples
from app.shared.errors import Invalid, Missing
from tests import factories
from tests.message_templates.sheets import PNG

MP4 = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 20


@pytest.mark.parametrize(
    ("content", "kind", "mime_type"),
    [
        (PNG, "IMAGE", "image/png"),
        (b"\xff\xd8\xff\xe0" + b"x" * 20, "IMAGE", "image/jpeg"),
        (MP4, "VIDEO", "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5" + b"\x00" * 20, "VIDEO", "video/3gpp"),
        (b"%PDF-1.7\n", "DOCUMENT", "application/pdf"),
    ],
)
def test_it_knows_a_file_by_its_first_bytes(app: Flask, content: bytes, kind: str, mime_type: str) -> None:
    key = samples.keep(BytesIO(content), kind)
    assert samples.mime_type_of(key) == mime_type
    assert samples.fits(key, kind)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"<svg onload=alert(1)>", "IMAGE", "must be a JPEG or PNG"),
        (PNG, "VIDEO", "must be an MP4 or 3GP"),
        (b"", "DOCUMENT", "must be a PDF"),
        (PNG, "TEXT", "Only a header of an image"),
        (PNG + b"\x00" * (5 * 1024 * 1024), "IMAGE", "at most 5 MB"),
    ],
)
def test_it_refuses_what_meta_would_refuse(app: Flask, content: bytes, kind: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        samples.keep(BytesIO(content), kind)
    assert refusal.value.field == "header.sample"


def test_it_shows_a_sample_to_who_may_see_templates(app: Flask, client: FlaskClient, cast) -> None:
    address = f"/templates/samples/{samples.ticket(samples.keep(BytesIO(PNG), 'IMAGE'))}"
    assert client.get(address).status_code == 302
    answer = factories.login(client, cast.vera).get(address)
    assert (answer.data, answer.mimetype) == (PNG, "image/png")


def test_it_opens_no_other_stored_file(app: Flask, client: FlaskClient, cast) -> None:
    factories.login(client, cast.alice)
    assert client.get("/templates/samples/2026-11-imports.csv").status_code == 404
    with pytest.raises(Missing):
        samples.key_of("IjIwMjYvMTEveC5jc3Yi.forged")
