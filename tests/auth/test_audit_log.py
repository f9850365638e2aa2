from __future__ import annotations

from datetime import UTC, datetime

from app.auth import audit
from app.extensions import db
from tests.factories import login


def _rows(page: str) -> int:
    return page.count('<td data-label="When">')


def test_it_writes_with_the_deed_or_not_at_all(app, cast):
    audit.record("campaign.start", cast.alice)
    db.session.rollback()
    assert not db.session.query(audit.AuditEntry).count()


def test_it_shows_who_did_what(client, cast):
    login(client, cast.mona)
    page = client.get("/audit").text
    assert "<code>user.login</code>" in page
    assert 'data-label="Who">Mona' in page


def test_it_filters_by_person_and_action(client, cast):
    audit.record("campaign.start", by=cast.bob)
    audit.record("campaign.pause", by=cast.bob)
    db.session.commit()
    login(client, cast.alice)
    assert _rows(client.get("/audit", query_string={"person": cast.bob.public_id}).text) == 2
    assert _rows(client.get("/audit?action=campaign.start").text) == 1


def test_it_takes_a_day_as_the_workspace_has_it(client, cast):
    audit.record("campaign.start").created_at = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)  # 2 March, 00:30 in India
    db.session.commit()
    login(client, cast.alice)
    assert _rows(client.get("/audit?day=2026-03-02").text) == 1
    assert _rows(client.get("/audit?day=2026-03-01").text) == 0


def test_it_takes_nonsense_in_the_address_calmly(client, cast):
    login(client, cast.alice)
    assert client.get("/audit?person=x&action=y&day=never&page=-3").status_code == 200
    assert client.get("/audit?page=99999999999999999999999").status_code == 200


def test_it_has_pages(client, cast):
    for _ in range(60):
        audit.record("campaign.start", by=cast.bob)
    db.session.commit()
    login(client, cast.alice)
    first = client.get("/audit?action=campaign.start").text
    assert _rows(first) == 50
    assert 'href="/audit?action=campaign.start&amp;page=2"' in first
    assert _rows(client.get("/audit?action=campaign.start&page=2").text) == 10


def test_it_escapes_what_people_wrote(client, cast):
    audit.record("campaign.start", by=cast.bob, name="<script>alert(1)</script>")
    db.session.commit()
    assert "<script>alert(1)" not in login(client, cast.alice).get("/audit").text
