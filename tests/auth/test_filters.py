from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.auth import filters, workspace
from app.shared.clock import now


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (filters.number(1234567), "12,34,567"),
        (filters.number(None), "–"),
        (filters.percent(1, 8), "12.5%"),
        (filters.percent(0, 0), "–"),
        (filters.percent(0.5), "50%"),
        (filters.phone("+919812345678"), "+91 98123 45678"),
        (filters.phone("not a number"), "not a number"),
        (filters.phone(None), "–"),
        (filters.money(Decimal("1234567.5"), "INR"), "₹12,34,567.50"),
        (filters.whatsapp("_*Sale*_ ```a *b*\nc```"), "<em><strong>Sale</strong></em> <code>a *b*\nc</code>"),
        (filters.whatsapp("*Sale* <b> 2*3*4 _now_"), "<strong>Sale</strong> &lt;b&gt; 2*3*4 <em>now</em>"),
    ],
)
def test_it_reads_well(read, written):
    assert read == written


def test_it_tells_times_in_the_workspaces_zone_and_names_it(app):
    moment = datetime(2026, 11, 21, 9, 34, tzinfo=UTC)
    assert filters.localtime(moment) == "21 Nov 2026, 15:04 IST"
    workspace.current().zone = "Europe/Berlin"
    assert filters.localtime(moment) == "21 Nov 2026, 10:34 CET"


@pytest.mark.parametrize(
    ("distance", "words"),
    [(0, "just now"), (-180, "3 minutes ago"), (7200, "in 2 hours"), (-86400 * 3, "3 days ago")],
)
def test_it_tells_how_long_ago(distance, words):
    assert filters.ago(now() + timedelta(seconds=distance)) == words
