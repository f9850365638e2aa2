"""Alerts that are sent on: by mail and by signed post, each way once, tried again while they are young."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.channels import alerts, jobs, notifying
from app.channels.models import Alert, Channel, Severity
from app.extensions import db
from app.meta.signature import is_valid
from app.operations import tick
from app.shared import clock, queues
from tests import factories
from tests.channels.listeners import Doorstep, PostOffice, doorstep, post_office
from tests.sandboxes import free_port


@pytest.fixture
def channel(app: Flask) -> Channel:
    return factories.make_channel(display_number="+91 98000 00000")


@pytest.fixture
def settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Change the configuration for this test."""

    def change(**values: str) -> None:
        changed = dataclasses.replace(app.extensions["bulbul_config"], **values)
        monkeypatch.setitem(app.extensions, "bulbul_config", changed)

    return change


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    """The mail server that alerts go through."""
    with post_office() as opened:
        url = f"smtp://bulbul%40shop.example:pass%20word@127.0.0.1:{opened.port}"
        settings(alert_email="mona@shop.example", smtp_url=url)
        yield opened


@pytest.fixture
def door(settings: Any) -> Iterator[Doorstep]:
    """Where alerts are posted to."""
    with doorstep() as opened:
        settings(alert_webhook_url=f"http://127.0.0.1:{opened.port}/alerts")
        yield opened


def raised(channel: Channel, title: str = "Quality: low.", severity: Severity = Severity.WARNING) -> Alert:
    alerts.raise_alert(channel, "phone.quality", title, severity, title, "Choose better.", clock.now())
    db.session.commit()
    return db.session.scalars(select(Alert).order_by(Alert.id.desc())).first()


def due(way: str) -> list[int]:
    return notifying.due(way, clock.now())


def test_a_letter_says_what_and_where(channel: Channel, office: PostOffice) -> None:
    alert = raised(channel, "Meta’s quality rating\nis low.")
    jobs.send_alert_on("mail", alert.id)
    letter = office.letters[0]
    assert letter["Subject"] == "[Bulbul] Meta’s quality rating is low."
    assert (letter["To"], letter["From"]) == ("mona@shop.example", "Bulbul <bulbul@shop.example>")
    body = letter.get_content()
    assert "Choose better." in body
    assert "+91 98000 00000" in body
    assert "/alerts" in body
    assert office.logins == ["\0bulbul@shop.example\0pass word"]


def test_a_post_is_signed(channel: Channel, door: Doorstep) -> None:
    alert = raised(channel)
    jobs.send_alert_on("post", alert.id)
    headers, body = door.posts[0]
    told = json.loads(body)
    assert (told["id"], told["severity"], told["title"]) == (str(alert.public_id), "warning", "Quality: low.")
    assert is_valid(notifying.signing_key(), body, headers[notifying.SIGNATURE])
    assert not is_valid(notifying.signing_key(), body + b" ", headers[notifying.SIGNATURE])


def test_each_way_is_gone_once(channel: Channel, office: PostOffice, door: Doorstep) -> None:
    alert = raised(channel)
    for _ in range(2):
        for way in ("mail", "post"):
            jobs.send_alert_on(way, alert.id)
    assert (len(office.letters), len(door.posts)) == (1, 1)
    assert (due("mail"), due("post")) == ([], [])


def test_a_way_that_fails_is_tried_again_and_the_other_is_not(
    channel: Channel, office: PostOffice, door: Doorstep
) -> None:
    alert, door.status = raised(channel), 500
    for way in ("mail", "post"):
        jobs.send_alert_on(way, alert.id)
    assert (due("mail"), due("post")) == ([], [alert.id])
    door.status = 204
    jobs.send_alert_on("post", alert.id)
    assert (len(office.letters), len(door.posts), due("post")) == (1, 2, [])


@pytest.mark.parametrize("status", [302, 404, 503])
def test_what_is_no_yes_is_a_no(channel: Channel, door: Doorstep, status: int) -> None:
    alert, door.status = raised(channel), status
    jobs.send_alert_on("post", alert.id)
    assert len(door.posts) == 1  # a redirect is not followed
    assert due("post") == [alert.id]


def test_a_mail_server_that_refuses_or_is_away_loses_nothing(
    channel: Channel, office: PostOffice, settings: Any
) -> None:
    alert, office.refuses = raised(channel), True
    jobs.send_alert_on("mail", alert.id)
    settings(smtp_url=f"smtps://127.0.0.1:{free_port()}")
    jobs.send_alert_on("mail", alert.id)
    assert (office.letters, due("mail")) == ([], [alert.id])


def test_a_password_does_not_go_to_a_server_without_encryption(office: PostOffice, settings: Any) -> None:
    settings(smtp_url=f"smtps://me:secret@127.0.0.1:{office.port}")
    with pytest.raises(notifying.NotTold):
        notifying.mail(notifying.sample())
    assert office.logins == []


def test_only_what_somebody_must_know_is_sent_on(channel: Channel, door: Doorstep) -> None:
    known, over, old, new = (raised(channel, name) for name in ("known", "over", "old", "new"))
    raised(channel, "by the way", Severity.INFO)
    alerts.put_away([known], factories.make_user().id, clock.now())
    alerts.resolve(channel, "phone.quality", "over", clock.now())
    old.created_at -= timedelta(hours=25)
    db.session.commit()
    assert due("post") == [new.id]
    jobs.send_alert_on("post", over.id)
    assert door.posts == []


def test_nothing_is_sent_where_nobody_asked_for_it(channel: Channel) -> None:
    raised(channel, severity=Severity.CRITICAL)
    assert (due("mail"), due("post")) == ([], [])


def test_the_tick_rings_for_it_once_a_minute(channel: Channel, door: Doorstep) -> None:
    alert = raised(channel)
    tick.attend_alerts()
    tick.attend_alerts()
    rung = [job.args for job in queues.queue(queues.SYNC).jobs if job.func is jobs.send_alert_on]
    assert rung == [("post", alert.id)]


def test_a_test_goes_out_from_the_terminal(app: Flask, door: Doorstep) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["alerts", "test"]).output == "Sent by post.\n"
    assert json.loads(door.posts[0][1])["kind"] == "test"
    assert run(args=["alerts", "key"]).output.strip() == notifying.signing_key()
    door.status = 500
    failed = run(args=["alerts", "test"])
    assert (failed.exit_code, failed.output) == (1, "Error: The webhook answered 500.\n")


def test_the_terminal_says_what_to_set(app: Flask) -> None:
    assert "Set ALERT_EMAIL" in app.test_cli_runner().invoke(args=["alerts", "test"]).output
