"""The step of the recipients: a file with its preview and consent, all customers, a tag, picked ones."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.auth.models import AuditEntry
from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient, TargetType
from app.extensions import db, redis_connection
from app.shared import queues
from tests import factories
from tests.campaigns.wizards import Browser, at, browser_of, draft, fresh, page, ready

HERE = "recipients"
FILE = "Name;Phone;City\nMüller, Jürgen;+91 98200 00001;Goa\nAsha;12;Pune\nRavi;098200 00002;\nAsha;9820000001;Goa\n"


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def upload(browser: Browser, campaign: Campaign, content: bytes, name: str = "people.csv") -> TestResponse:
    return browser.post(at(campaign, "recipients/file"), file=(BytesIO(content), name))


def uploaded(browser: Browser, **columns: Any) -> Campaign:
    campaign = draft(**columns)
    assert upload(browser, campaign, FILE.encode("cp1252")).status_code == 302
    return fresh(campaign)


def rung(name: str) -> int:
    return Queue(name, connection=redis_connection()).count


def test_a_file_is_shown_as_it_will_be_read(mona: Browser) -> None:
    campaign = uploaded(mona)
    shown = mona.get(at(campaign, HERE)).text
    assert "Müller, Jürgen" in shown
    assert "+91 98200 00001" in shown
    assert "row-bad" in shown
    assert '<option selected value="cp1252">' in shown
    assert (campaign.status, campaign.target_type) == (CampaignStatus.DRAFT, TargetType.IMPORTED)


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "empty"), (b"PK\x03\x04\x00\x00\x00\x08" + bytes(range(256)) * 4, "")]
)
def test_a_file_that_cannot_be_read_gets_its_sentence(mona: Browser, content: bytes, sentence: str) -> None:
    campaign = draft()
    answer = upload(mona, campaign, content)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-describedby="file-error"' in answer.text
    assert fresh(campaign).import_id is None


def test_no_file_is_no_upload(mona: Browser) -> None:
    answer = mona.post(at(draft(), "recipients/file"))
    assert (answer.status_code, "Choose a CSV file." in answer.text) == (422, True)


def test_the_reading_can_be_changed(mona: Browser) -> None:
    campaign = uploaded(mona)
    form = {"encoding": "cp1252", "delimiter": ";", "has_header": "yes", "phone_column": "1", "name_column": "2"}
    assert mona.post(at(campaign, "recipients/reading"), **form).status_code == 302
    assert fresh(campaign).import_.reading["name_column"] == 2


@pytest.mark.parametrize("change", [{"phone_column": "99"}, {"encoding": "klingon"}, {"delimiter": "x"}])
def test_a_reading_that_cannot_be_is_refused(mona: Browser, change: dict[str, str]) -> None:
    campaign = uploaded(mona)
    form = {"encoding": "cp1252", "delimiter": ";", "has_header": "yes", "phone_column": "1", "name_column": "0"}
    assert mona.post(at(campaign, "recipients/reading"), **form | change).status_code == 422
    assert fresh(campaign).import_.reading["phone_column"] == 1


def test_without_a_phone_column_nothing_is_imported(mona: Browser) -> None:
    campaign = uploaded(mona)
    form = {"encoding": "cp1252", "delimiter": ",", "has_header": "no", "phone_column": "", "name_column": ""}
    mona.post(at(campaign, "recipients/reading"), **form)
    fresh(campaign).import_.reading = campaign.import_.reading | {"phone_column": None}
    db.session.commit()
    assert "Say which column holds the phone numbers." in mona.get(at(campaign, HERE)).text
    assert mona.post(at(campaign, "recipients/import"), agreed="y").status_code == 422


def test_without_consent_nothing_is_imported(mona: Browser) -> None:
    campaign = uploaded(mona)
    answer = mona.post(at(campaign, "recipients/import"))
    assert answer.status_code == 422
    assert "Without their consent nobody may be written to." in answer.text
    assert fresh(campaign).status is CampaignStatus.DRAFT


def test_an_import_rings_is_watched_and_counts(mona: Browser) -> None:
    campaign = uploaded(mona)
    mona.post(at(campaign, "recipients/import"), agreed="y")
    assert (fresh(campaign).status, rung(queues.IMPORTS)) == (CampaignStatus.POPULATING, 1)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.import")).one()
    assert entry.details["attested"] == "These people agreed to receive WhatsApp messages from us"
    assert 'hx-trigger="every 2s"' in mona.get(at(campaign, "recipients/progress")).text

    populate(campaign.id)
    shown = mona.get(at(campaign, "recipients/progress")).text
    assert "hx-trigger" not in shown
    assert "errors.csv" in shown
    assert fresh(campaign).import_.inserted == 2
    assert "Continue" in shown


def test_other_steps_wait_for_the_import(mona: Browser) -> None:
    campaign = uploaded(mona)
    mona.post(at(campaign, "recipients/import"), agreed="y")
    assert mona.get(at(campaign, "variables")).headers["Location"] == at(campaign, HERE)
    assert mona.get(at(campaign, HERE)).status_code == 200


def test_an_import_that_failed_says_why(mona: Browser) -> None:
    campaign = draft(failure="The file could not be read on.")
    assert "The file could not be read on." in mona.get(at(campaign, HERE)).text
    assert mona.get(at(campaign, "recipients/progress")).headers["HX-Refresh"] == "true"


def test_all_customers_are_those_who_opted_in(mona: Browser) -> None:
    campaign = draft()
    for opted_in in (True, True, False):
        factories.make_customer(marketing_opt_in=opted_in)
    db.session.commit()
    assert "2 customers" in mona.get(at(campaign, f"{HERE}?kind=all")).text
    mona.post(at(campaign, HERE), kind="all")
    populate(campaign.id)
    assert (fresh(campaign).status, _recipients(campaign)) == (CampaignStatus.READY, 2)


def test_a_tag_shows_whom_it_reaches(mona: Browser) -> None:
    campaign = draft()
    factories.make_customer(tags=["goa"])
    factories.make_customer(tags=["goa", "vip"])
    factories.make_customer(tags=["goa"], marketing_opt_in=False)
    db.session.commit()
    assert "goa (2)" in mona.get(at(campaign, f"{HERE}?kind=tag")).text
    mona.post(at(campaign, HERE), kind="tag", tag="goa")
    assert fresh(campaign).segment_query == {"tag": "goa"}
    populate(campaign.id)
    assert _recipients(campaign) == 2


@pytest.mark.parametrize("form", [{"kind": "tag", "tag": "nobody"}, {"kind": "tag"}, {"kind": "manual"}, {"kind": "x"}])
def test_a_choice_of_nobody_is_refused(mona: Browser, form: dict[str, str]) -> None:
    campaign = draft()
    assert mona.post(at(campaign, HERE), **form).status_code == 422
    assert fresh(campaign).status is CampaignStatus.DRAFT


def test_customers_are_picked_and_unpicked(mona: Browser) -> None:
    campaign = draft()
    asha, ravi = factories.make_customer(name="Asha"), factories.make_customer(name="Ravi")
    db.session.commit()
    mona.post(at(campaign, "recipients/pick"), customer=[asha.id, ravi.id])
    mona.post(at(campaign, "recipients/pick"), remove=asha.id)
    assert fresh(campaign).segment_query == {"customer_ids": [ravi.id]}
    mona.post(at(campaign, HERE), kind="manual")
    populate(campaign.id)
    assert db.session.scalars(select(Recipient.customer_id)).all() == [ravi.id]


def test_the_search_leaves_out_who_is_picked(mona: Browser) -> None:
    campaign = draft()
    asha = factories.make_customer(name="Asha Rao")
    factories.make_customer(name="Asha Sen")
    db.session.commit()
    mona.post(at(campaign, "recipients/pick"), customer=asha.id)
    shown = mona.get(at(campaign, f"{HERE}?kind=manual&search=asha%00"))
    assert shown.text.count("list-group-item d-flex align-items-center gap-3") == 1


def test_too_many_picked_are_refused(mona: Browser) -> None:
    campaign = draft()
    answer = mona.post(at(campaign, "recipients/pick"), customer=list(range(1, 1002)))
    assert (answer.status_code, "Pick at most 1,000" in answer.text) == (422, True)


def test_an_impossible_customer_is_refused_and_the_page_stands(mona: Browser) -> None:
    campaign = draft()
    answer = mona.post(at(campaign, "recipients/pick"), customer=2**63)
    assert (answer.status_code, "There is no such customer" in answer.text) == (422, True)
    assert mona.get(at(campaign, f"{HERE}?kind=manual")).status_code == 200


def test_a_different_audience_forgets_the_first(mona: Browser) -> None:
    campaign = ready(people=2)
    mona.post(at(campaign, "recipients/clear"))
    assert (fresh(campaign).status, campaign.target_type, _recipients(campaign)) == (CampaignStatus.DRAFT, None, 0)
    assert campaign.template_variables


def test_recipients_are_not_chosen_twice(mona: Browser) -> None:
    campaign = ready(people=1)
    assert mona.post(at(campaign, HERE), kind="all").status_code == 302
    assert upload(mona, campaign, FILE.encode()).status_code == 302
    assert (fresh(campaign).status, _recipients(campaign)) == (CampaignStatus.READY, 1)


def test_nobody_changes_the_recipients_of_what_is_being_sent(mona: Browser) -> None:
    campaign = ready(people=1)
    campaign.status = CampaignStatus.SENDING
    db.session.commit()
    assert mona.post(at(campaign, "recipients/clear")).headers["Location"] == page(campaign)
    assert _recipients(campaign) == 1


def test_there_is_a_sample_file(mona: Browser) -> None:
    assert mona.get("/campaigns/sample.csv").text.splitlines()[0] == "Name,Phone,City"


def _recipients(campaign: Campaign) -> int:
    query = select(func.count()).select_from(Recipient).where(Recipient.campaign_id == campaign.id)
    return db.session.scalar(query) or 0
