"""A CSV file becomes a campaign's recipients: all of it, once, with every row accounted for."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, SkipReason
from app.campaigns.service import audience, contacts, drafts
from app.customers.imports import given_back, reading
from app.customers.imports.models import Import, ImportFault, ImportStatus
from app.customers.models import Customer
from app.extensions import db
from app.shared import clock
from app.shared.csv_table import Contact
from app.storage import files
from tests import factories
from tests.campaigns.lists import people_list, upload, waiting_campaign


@pytest.mark.parametrize(("encoding", "emoji"), [("cp1252", False), ("utf-8", True), ("utf-8-sig", True)])
def test_it_imports_a_list_as_people_bring_it(app: Flask, encoding: str, emoji: bool) -> None:
    brought = people_list(1000, emoji=emoji)
    campaign, import_ = _populated(brought.text.encode(encoding))

    assert _people(campaign) == brought.people
    assert (import_.total, import_.invalid, import_.duplicates) == (1000, brought.unusable, brought.duplicates)
    assert import_.inserted == len(brought.people) == _count(Recipient)
    assert import_.status is ImportStatus.IMPORTED
    assert import_.bytes_done == import_.bytes_total
    assert campaign.status is CampaignStatus.READY


def test_it_imports_bare_numbers(app: Flask) -> None:
    _, import_ = _populated(b"919812345678\n919812345679\n12345\n919812345678\n")

    assert _phones() == ["+919812345678", "+919812345679"]
    assert (import_.inserted, import_.invalid, import_.duplicates) == (2, 1, 1)


def test_the_first_of_two_rows_with_one_number_stays(app: Flask) -> None:
    _populated(b"Name,Phone\nAsha,9812345678\nBina,+91 98123 45678\n")

    assert db.session.scalars(select(Recipient.name)).all() == ["Asha"]
    fault = db.session.scalars(select(ImportFault)).one()
    assert (fault.row_number, fault.reason, fault.is_duplicate) == (3, "the same number stands in row 2", True)


def test_every_row_not_imported_can_be_downloaded(app: Flask) -> None:
    _, import_ = _populated(b'Name;Phone;City\n"Rao; Asha";123;Goa\nBina;9812345678;Pune\nBina;9812345678;Pune\n')

    rows = list(csv.reader(StringIO("".join(given_back.as_csv(import_)))))

    assert rows[0] == ["Row", "Reason", "Name", "Phone", "City"]
    assert rows[1][2:] == ["Rao; Asha", "123", "Goa"]
    assert rows[2] == ["4", "the same number stands in row 3", "Bina", "9812345678", "Pune"]


def test_a_second_file_adds_only_who_is_new_after_the_first(app: Flask) -> None:
    campaign, _ = _populated(b"Phone\n9812345678\n9812345679\n")
    second = upload(b"Phone\n9812345679\n9812345680\n")
    campaign.import_id, campaign.status = second.id, CampaignStatus.POPULATING
    db.session.commit()
    populate(campaign.id)

    assert _phones() == ["+919812345678", "+919812345679", "+919812345680"]
    assert db.session.scalars(select(ImportFault.reason)).all() == ["already in this campaign"]
    assert (second.inserted, second.duplicates) == (1, 1)


def test_who_opted_out_is_skipped_and_counted(app: Flask) -> None:
    gone = factories.make_customer(phone="+919812345678", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    _, import_ = _populated(b"Phone\n9812345678\n9812345679\n")

    skipped = db.session.scalars(select(Recipient).where(Recipient.state == RecipientState.SKIPPED)).one()
    assert (skipped.customer_id, skipped.skip_reason) == (gone.id, SkipReason.OPTED_OUT)
    assert (import_.inserted, import_.suppressed) == (2, 1)


def test_who_opted_out_of_marketing_is_left_to_the_gate_where_the_message_is_none(app: Flask) -> None:
    factories.make_customer(phone="+919812345678", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    notice = factories.make_template(category="UTILITY")
    _, import_ = _populated(b"Phone\n9812345678\n", template=notice)

    assert db.session.scalars(select(Recipient.state)).all() == [RecipientState.PENDING]
    assert (import_.inserted, import_.suppressed) == (1, 0)


def test_it_makes_no_customers_but_knows_those_we_have(app: Flask) -> None:
    known = factories.make_customer(phone="+919812345678")
    _populated(b"Phone\n9812345678\n9812345679\n")

    assert _count(Customer) == 1
    assert db.session.scalars(select(Recipient.customer_id).order_by(Recipient.position)).all() == [known.id, None]


def test_the_preview_shows_what_the_worker_will_do(app: Flask) -> None:
    import_ = upload(people_list(60).text.encode("cp1252"))
    seen = [entry.phone for entry in contacts.preview(import_, 100) if isinstance(entry, Contact)]

    populate(waiting_campaign(import_).id)

    assert list(dict.fromkeys(seen)) == _phones()


def test_the_campaign_that_was_launched_early_sends_when_its_people_are_there(app: Flask) -> None:
    campaign, _ = _populated(b"Phone\n9812345678\n", launch_when_ready=True)

    assert campaign.status is CampaignStatus.SENDING


def test_a_file_that_vanished_fails_with_a_sentence_and_frees_the_campaign(app: Flask) -> None:
    import_ = upload(b"Phone\n9812345678\n")
    files.delete(import_.file_key)
    campaign = waiting_campaign(import_)
    populate(campaign.id)

    assert (import_.status, import_.error) == (ImportStatus.FAILED, "The file is no longer there.")
    assert (campaign.status, campaign.failure) == (CampaignStatus.DRAFT, "The file is no longer there.")
    assert import_.lease_until is None


def test_a_file_whose_phone_column_nobody_knows_goes_back_to_the_person(app: Flask) -> None:
    import_ = upload(b"Name,City\nAsha,Goa\nBina,Pune\n")
    campaign = waiting_campaign(import_)
    populate(campaign.id)

    assert campaign.failure == "Say which column holds the phone numbers."
    assert campaign.status is CampaignStatus.DRAFT
    assert import_.status is ImportStatus.UPLOADED


def test_a_cancelled_campaign_stops_at_the_next_chunk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 10)
    campaign = waiting_campaign(import_ := upload(people_list(100).text.encode()))
    _cancel_after_first_chunk(campaign.id, monkeypatch)
    populate(campaign.id)

    assert campaign.status is CampaignStatus.CANCELLED
    assert (import_.status, import_.total) == (ImportStatus.FAILED, 10)


def test_a_worker_that_lost_the_file_to_another_writes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 50)
    campaign = waiting_campaign(import_ := upload(people_list(100).text.encode()))
    assert audience.claim_file(campaign) is not None
    first = next(audience.read_file(campaign.id, import_))
    assert audience.import_chunk(campaign.id, import_.id, 0, first)

    assert not audience.import_chunk(campaign.id, import_.id, 0, first)
    assert import_.total == 50


def test_another_file_after_one_that_broke_off_brings_its_people_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 10)
    campaign = waiting_campaign(broken := upload(people_list(100).text.encode()))
    assert audience.claim_file(campaign) is not None
    assert audience.import_chunk(campaign.id, broken.id, 0, next(audience.read_file(campaign.id, broken)))
    audience.give_up_file(campaign.id, broken.id, broken.last_row, "It broke off.")
    drafts.attach_file(campaign, upload(b"Phone\n+919812345678\n"))
    drafts.begin_import(campaign)
    db.session.commit()
    populate(campaign.id)

    assert _phones() == ["+919812345678"]


def test_only_one_worker_reads_a_file(app: Flask) -> None:
    campaign = waiting_campaign(upload(b"Phone\n9812345678\n"))
    assert audience.claim_file(campaign) is not None
    db.session.commit()

    populate(campaign.id)

    assert _count(Recipient) == 0
    assert campaign.status is CampaignStatus.POPULATING


def test_a_dead_workers_campaign_is_rung_for_again(app: Flask) -> None:
    campaign = waiting_campaign(upload(b"Phone\n9812345678\n"))
    audience.claim_file(campaign)
    db.session.commit()

    assert audience.stalled(clock.now()) == []
    assert audience.stalled(clock.now() + timedelta(seconds=61)) == [campaign.id]


def test_cleared_recipients_can_be_read_again_from_the_file(app: Flask) -> None:
    campaign, import_ = _populated(b"Phone\n9812345678\n123\n9812345678\n")
    audience.clear_recipients(campaign)
    assert (_count(Recipient), _count(ImportFault), import_.total) == (0, 0, 0)

    campaign.status = CampaignStatus.POPULATING
    db.session.commit()
    populate(campaign.id)

    assert (import_.inserted, import_.invalid, import_.duplicates) == (1, 1, 1)


def _populated(content: bytes, **columns: object) -> tuple[Campaign, Import]:
    import_ = upload(content)
    campaign = waiting_campaign(import_, **columns)
    populate(campaign.id)
    return campaign, import_


def _people(campaign: Campaign) -> dict[str, tuple[str, str]]:
    rows = db.session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id))
    return {row.phone: (row.name, row.variables["City"]) for row in rows}


def _phones() -> list[str]:
    return list(db.session.scalars(select(Recipient.phone).order_by(Recipient.position)))


def _count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _cancel_after_first_chunk(campaign_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import_chunk = audience.import_chunk

    def import_then_cancel(*arguments: object) -> bool:
        is_ours = import_chunk(*arguments)  # type: ignore[arg-type]
        db.session.get_one(Campaign, campaign_id).status = CampaignStatus.CANCELLED
        return is_ours

    monkeypatch.setattr(audience, "import_chunk", import_then_cancel)
