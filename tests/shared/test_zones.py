import time
from zoneinfo import ZoneInfo

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from app.shared.zones import zone_of

HERE = ZoneInfo("Asia/Dubai")


def test_the_named_zone_comes_first():
    assert zone_of("Europe/Paris", "+919812345678", HERE).key == "Europe/Paris"


@pytest.mark.parametrize("named", [None, "", "Mars/Olympus", "../etc/passwd", "Asia", "\x00"])
def test_without_a_real_name_the_number_tells(named):
    assert zone_of(named, "+919812345678", HERE).key == "Asia/Calcutta"


@pytest.mark.parametrize("phone", [None, "", "+999123456", "+", "?"])
def test_without_either_it_is_ours(phone):
    assert zone_of(None, phone, HERE) is HERE


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("+14155552671", "America/Los_Angeles"),
        ("+12125552671", "America/New_York"),
        ("+18005551234", "America/New_York"),  # toll-free: from anywhere
        ("+447911123456", "Europe/Isle_of_Man"),  # several names for one time
        ("+61412345678", "Australia/Sydney"),
        ("+79161234567", "Europe/Moscow"),
        ("+5511987654321", "America/Sao_Paulo"),
        ("+525512345678", "America/Mexico_City"),
        ("+34612345678", "Europe/Madrid"),
        ("+351912345678", "Europe/Lisbon"),
        ("+6281234567890", "Asia/Jakarta"),
        ("+971501234567", "Asia/Dubai"),
    ],
)
def test_the_number_tells_where_most_such_people_live(phone, zone):
    assert zone_of(None, phone, HERE).key == zone


def test_every_prefix_leads_to_a_zone():
    assert all(zone_of(None, f"+{prefix}", HERE).key in zones for prefix, zones in TIMEZONE_DATA.items())


def test_indian_numbers_cost_next_to_nothing():
    phones = [f"+9198{number:08d}" for number in range(20_000)]
    zone_of(None, phones[0], HERE)
    began = time.process_time()
    for phone in phones:
        zone_of(None, phone, HERE)
    assert time.process_time() - began < 0.1  # 5 µs each
