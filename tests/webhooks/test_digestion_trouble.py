"""An event that could not be digested for a moment is digested afterwards."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.models import Message, MessageState
from app.webhooks import jobs, service
from tests import factories


def test_a_passing_trouble_of_the_database_loses_no_status(app: Flask) -> None:
    message = Message(channel_id=factories.make_channel().id, type="template", state=MessageState.ACCEPTED, wamid="w1")
    db.session.add(message)
    status = {"id": "w1", "status": "read", "timestamp": "1790000000", "recipient_id": "919800000001"}
    value = {"statuses": [status], "metadata": {"phone_number_id": "100000000000001"}}
    service.store(json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode())
    db.session.execute(
        text(
            """CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$;
               CREATE TRIGGER disk_full BEFORE UPDATE ON messages EXECUTE FUNCTION pg_temp.full()"""
        )
    )
    db.session.commit()
    try:
        jobs.digest_events()
    finally:
        db.session.rollback()
        db.session.execute(text("DROP TRIGGER disk_full ON messages"))
        db.session.commit()
    jobs.digest_events()
    db.session.expire_all()
    assert db.session.get_one(Message, message.id).rank == 40
