import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import phone

ASKED = "+919812345678"


@pytest.mark.parametrize(
    "raw",
    [
        "+91 98123 45678",
        "098123 45678",
        "919812345678",
        "00919812345678",
        "+00919812345678",
        "9812345678",
        "98123-45678",
        "98123.45678",
        "(+91) 98123 45678",
        "+91 (0) 98123 45678",
        "98123\u00a045678",
        "९८१२३४५६७८",
        "+٩١ ٩٨١٢٣٤٥٦٧٨",
        "'9812345678",
        '="919812345678"',
        "tel:+91-98123-45678",
        "WhatsApp: +919812345678",
        "9812345678.0",
        "98123 45678.00",
        "\u202a+91 98123 45678\u202c",
        "＋91 98123–45678",
        "\ufeff9812345678\t",
    ],
)
def test_it_understands_what_people_write(raw):
    assert phone.parse(raw, "IN") == ASKED


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "no phone number"),
        (" \u200b ", "no phone number"),
        ("123", "too short"),
        ("12345", "too short for a number in India"),
        ("1" * 30, "too long"),
        ("+91 98123 45678 9999", "too long for a number in India"),
        ("N/A", "not a number"),
        ("98x1234567", "not a number"),
        ("²²²²²²²²²²", "not a number"),
        ("+91 98123 45678 ext 5", "not a number"),
        ("9.19E+11", "looks like a spreadsheet number (9.19E+11)"),
        ("9,19812E+11", "looks like a spreadsheet number (9,19812E+11)"),
        ("98123456", "no such number in India"),
        ("+999123456789", "no country has a code like +999"),
        ("9812345678 / 9812345679", "more than one number in the cell"),
    ],
)
def test_it_says_why_a_number_is_unusable(raw, reason):
    with pytest.raises(phone.Unusable) as refusal:
        phone.parse(raw, "IN")
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("447911123456", "IN", "+447911123456"),
        ("14155552671", "IN", "+14155552671"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("17012345678", "DE", "+4917012345678"),  # a mobile whose 0 a spreadsheet ate, though +1 701 exists
        ("919812345678", "DE", "+919812345678"),  # 12 digits: a country code, though a landline would fit
        ("415 555 2671", "US", "+14155552671"),
        ("11 96123-4567", "BR", "+5511961234567"),
        ("11 15 2345-6789", "AR", "+5491123456789"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("919812345678", "", "+919812345678"),
    ],
)
def test_it_reads_numbers_where_they_were_written(raw, region, e164):
    assert phone.parse(raw, region) == e164


def test_it_does_not_send_a_mistyped_local_number_abroad():
    # Ten digits that begin like Belize's +501 but were meant for India.
    with pytest.raises(phone.Unusable):
        phone.parse("5016123456", "IN")


def _numbers_of_all_regions(rng):
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        trunk = phonenumbers.PhoneMetadata.metadata_for_region(region).national_prefix or "0"
        for kind in range(11):
            if number := phonenumbers.example_number_for_type(region, kind):
                local = list(phonenumbers.national_significant_number(number))
                local[rng.randrange(len(local))] = rng.choice("0123456789")
                yield region, trunk, str(number.country_code), "".join(local)


def _full_verdict(written, region):
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, 0) if phonenumbers.is_valid_number(number) else None


def _verdict(written, region):
    try:
        return phone.parse(written, region)
    except phone.Unusable:
        return None


def test_it_gives_international_numbers_the_full_parsers_verdict():
    rng = random.Random(1)
    for region, _, code, local in _numbers_of_all_regions(rng):
        written = f"+{code}{local}"
        assert _verdict(written, region) == _full_verdict(written, region), written


def test_it_gives_local_numbers_the_full_parsers_verdict():
    rng = random.Random(2)
    for region, trunk, _, local in _numbers_of_all_regions(rng):
        for written in (local, trunk + local):
            if len(written) < phone.SHORTEST_WITH_COUNTRY and not written.startswith("00"):
                assert _verdict(written, region) == _full_verdict(written, region), (written, region)


@pytest.mark.parametrize("seed", range(3))
def test_it_reads_quickly_only_what_it_would_read_in_full(seed):
    rng = random.Random(seed)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    for home, trunk, code, local in _numbers_of_all_regions(rng):
        for written in (f"+{code}{local}", code + local, local, trunk + local, "00" + code + local):
            for region in (home, rng.choice(regions), "IN"):
                quick = phone._plain_reading(written, region)
                assert quick is None or quick == phone._full_reading(written, region), (written, region)


@given(st.text(max_size=40), st.sampled_from(["IN", "US", "DE", "AR", ""]))
def test_it_answers_any_text_with_a_number_or_a_reason(raw, region):
    try:
        answer = phone.parse(raw, region)
    except phone.Unusable as refusal:
        answer = str(refusal)
    assert answer


def test_it_knows_the_country_of_a_number():
    assert [phone.region(number) for number in (ASKED, "+14155552671", "+16135550123", "+80012345678", "x")] == [
        "IN",
        "US",
        "CA",
        None,
        None,
    ]


def test_it_tells_the_united_states_from_the_rest_of_plus_one():
    assert phone.is_nanp("+16135550123")
    assert not phone.is_us("+16135550123")
    assert phone.is_us("+14155552671")
    assert not phone.is_nanp(ASKED)


def test_it_shows_a_number_spaced_and_hands_it_over_bare():
    assert phone.display(ASKED) == "+91 98123 45678"
    assert phone.digits(ASKED) == "919812345678"
