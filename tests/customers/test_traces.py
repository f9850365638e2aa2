"""How a person is found in foreign words, and what must not be taken for them."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from io import BytesIO

import phonenumbers
import pytest
from flask import Flask
from phonenumbers import PhoneNumberFormat
from sqlalchemy import literal, select

from app.customers.imports.models import Import
from app.customers.privacy import uploads
from app.customers.privacy.crowd import Crowd, Sought
from app.customers.privacy.person import Person
from app.customers.privacy.traces import ERASED, Traces
from app.customers.service import suppression
from app.extensions import db
from app.storage import files

PHONE, USER = "+919812345678", "IN.13491208655302741918"
ZARINA = Person(numbers=(PHONE,), user_ids=(USER,), emails=("zarina@example.org",))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
BINA = Sought(2, Person(numbers=("+447911123456",), emails=("bina@example.org",), names=("Bina Shah",)), LATER)
READING = {"encoding": "utf-8-sig", "delimiter": ","}


@pytest.fixture
def traces(app: Flask) -> Traces:
    return Traces(ZARINA)


def finds(traces: Traces, words: str) -> bool:
    """By Python, and by the first look of the database and of a crowd's, which may find more but never less."""
    by_database = db.session.scalar(select(traces.may_be_in(literal(words))))
    by_python = traces.is_in(words)
    in_a_crowd = bool(Crowd([BINA, Sought(1, traces.person, LATER)]).named_in(words, NOW))
    assert by_database or not by_python
    assert in_a_crowd or not by_python
    return by_python


@pytest.mark.parametrize(
    "written",
    [
        *(PHONE, "919812345678", "9812345678", "09812345678", "00919812345678", "+91 98123 45678", "+91-98123-45678"),
        *("(+91) 98123.45678", "098123\u00a045678", "98 12 34 56 78", "919812345678@c.us", "tel:+919812345678"),
        *("९८१२३ ४५६७८", "٩٨١٢٣٤٥٦٧٨", "98123\u201345678", "98123/45678", "９８１２３４５６７８", "919812345678.0"),
        *("क9812345678", "IN.13491208655302741918", "Zarina@Example.org", "preference.919812345678.1790000000.stop"),
    ],
)
def test_it_finds_every_spelling(traces: Traces, written: str) -> None:
    assert finds(traces, f"say {written}, please")
    assert not finds(traces, traces.scrubbed(f"say {written}, please"))


@pytest.mark.parametrize(
    "foreign",
    ["919812345679", "1009812345678", "98123456789", "12.9812", "IN.134912086553027419181", "xzarina@example.org"],
)
def test_it_takes_nobody_else_for_them(traces: Traces, foreign: str) -> None:
    assert traces.scrubbed(f"say {foreign}!") == f"say {foreign}!"


def test_it_finds_the_number_in_base64_wherever_it_begins(traces: Traces) -> None:
    chance = random.Random(5)
    for before in range(12):
        raw = chance.randbytes(before) + b"919812345678" + chance.randbytes(chance.randrange(9))
        wamid = "wamid." + base64.b64encode(raw).decode()
        assert finds(traces, f'{{"id":"{wamid}"}}')
        assert traces.scrubbed(wamid) == traces.pseudonym(wamid)


def test_it_leaves_ids_of_other_messages_alone(traces: Traces) -> None:
    wamid = "wamid." + base64.b64encode(b"\x1c\x18\x0c919812345679\x15\x02").decode()
    assert traces.scrubbed(wamid) == wamid


@pytest.mark.parametrize("region", ["IN", "US", "GB", "DE", "MX", "BR", "AR", "AE", "SG", "NG", "FR", "ID"])
def test_it_finds_numbers_of_many_countries_as_these_write_them(app: Flask, region: str) -> None:
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    formats = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]
    person = Person(numbers=(phonenumbers.format_number(number, PhoneNumberFormat.E164),))
    for form in formats[: 2 if region in ("MX", "AR") else 3]:
        assert finds(Traces(person), phonenumbers.format_number(number, form))


def test_in_json_it_keeps_the_shape(traces: Traces) -> None:
    given = {
        "a": [PHONE, 7, None, True, 919812345678],
        "9812345678": {"b": "hi"},
        "contacts": [{"n": "Z", "p": PHONE}, 1],
    }
    assert traces.scrub(given) == {"a": [ERASED, 7, None, True, ERASED], ERASED: {"b": "hi"}, "contacts": [1]}


def test_the_database_makes_the_same_pseudonym(traces: Traces) -> None:
    assert traces.pseudonym("wamid.x") == "erased." + suppression.digest_of(suppression.salt(), "wamid.x").hex()


@pytest.mark.parametrize(
    ("content", "cleaned"),
    [
        ("a,9812345678\r\nb,9812345679\r\n", "\r\nb,9812345679\r\n"),
        ('"Rao\nline",98123 45678,x\nb,1\n', "\nb,1\n"),
        ('5" pipe,1\nz,9812345678\nb,2', '5" pipe,1\n\nb,2'),
        ('"never closed,1\nz,9812345678\nb,2\n', '"never closed,1\n\nb,2\n'),
        ("z,9812345678", ""),
    ],
)
def test_a_row_of_theirs_becomes_a_blank_one(traces: Traces, content: str, cleaned: str) -> None:
    key = files.save(Import.file_key, BytesIO(content.encode()), ".csv")
    assert uploads.clean(key, READING, traces)
    assert _content(key) == cleaned.encode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "shift_jis", "gb18030"])
def test_files_of_any_encoding_lose_them(traces: Traces, encoding: str) -> None:
    content = "Name;Phone\nZarina;98123 45678\nBina;9800000001\n".encode(encoding)
    key = files.save(Import.file_key, BytesIO(content), ".csv")
    assert uploads.clean(key, {"encoding": encoding, "delimiter": ";"}, traces)
    assert _content(key).decode(encoding) == "Name;Phone\n\nBina;9800000001\n"


def test_a_file_without_them_is_left_as_it_is(traces: Traces) -> None:
    content = random.Random(3).randbytes(5000)
    key = files.save(Import.file_key, BytesIO(content), ".csv")
    assert not uploads.clean(key, READING, traces)
    assert _content(key) == content


def test_bytes_of_no_encoding_come_out_as_they_went_in(traces: Traces) -> None:
    key = files.save(Import.file_key, BytesIO(b"M\xfcller,1\nz,9812345678\n\xff\xfe\x00,2\n"), ".csv")
    uploads.clean(key, READING, traces)
    assert _content(key) == b"M\xfcller,1\n\n\xff\xfe\x00,2\n"


def _content(key: str) -> bytes:
    with files.open_file(key) as stream:
        return stream.read()


@pytest.mark.parametrize(
    "words",
    ["Bina\nShah", "say\tBINA  shah!", "+44 7911\t123-456", "bina@example.org\n", 'a "Bina Shah" \\ and more'],
)
def test_a_crowd_is_found_in_json_as_it_is_written(app: Flask, words: str) -> None:
    crowd = Crowd([Sought(1, ZARINA, LATER), BINA])
    assert {trace.of.erasure_id for trace in crowd.named_in(json.dumps({"body": words}))} == {2}


def test_of_a_crowd_each_is_found_in_what_was_there_before_their_erasure(app: Flask) -> None:
    crowd = Crowd([Sought(1, ZARINA, EARLIER), BINA])
    named = crowd.named_in(f"Bina Shah rang {PHONE}", NOW)
    assert {trace.of.erasure_id for trace in named} == {2}


def test_a_crowd_finds_whatever_each_alone_would_find(app: Flask) -> None:
    """Numbers, names and ids of many countries and scripts, in words made of their pieces."""
    chance = random.Random(7)
    people = [_somebody(chance, number) for number in range(60)]
    crowd = Crowd([Sought(number, person, LATER) for number, person in enumerate(people)])
    alone = [Traces(person) for person in people]
    for _ in range(400):
        words = _said_of(chance, people)
        found = {trace.of.erasure_id for trace in crowd.named_in(words)}
        assert found >= {number for number, traces in enumerate(alone) if traces.scrubbed(words) != words}


def _somebody(chance: random.Random, number: int) -> Person:
    region = chance.choice(["IN", "GB", "MX", "DE", "US", "BR", "NU"])
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    phone = phonenumbers.format_number(example, PhoneNumberFormat.E164)[:-3] + f"{number:03d}"
    first, last = chance.choice(["Zoë", "Asha", "अदिति", "O'Neil", "Mary-Jane"]), chance.choice(["Rao", "d’Arc", "शाह"])
    return Person(
        numbers=(phone,),
        user_ids=(f"{region}.{chance.randrange(10**15)}",),
        emails=(f"{chance.choice('abcdef')}.b+{number}@ex-ample.org",),
        names=(f"{first} {last}{number}",),
    )


def _said_of(chance: random.Random, people: list[Person]) -> str:
    one = chance.choice(people)
    number = chance.choice([one.numbers[0], one.numbers[0][3:], f"00{one.numbers[0][1:]}"])
    spaced = "".join(digit + chance.choice(["", "", " ", "-", "\u00a0", ") "]) for digit in number)
    wamid = "wamid." + base64.b64encode(b"\x1c" * chance.randrange(4) + one.numbers[0][1:].encode() + b"\x15").decode()
    said = [spaced, wamid, one.user_ids[0].upper(), one.emails[0].title(), one.names[0].upper(), "12", "rang", "\n"]
    return chance.choice(["", " ", ", ", "x"]).join(chance.sample(said, 3))
