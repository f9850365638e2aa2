"""Structured logs: one JSON object a line, the ids at hand; without secrets, message bodies or phone numbers."""

from __future__ import annotations

import logging
import re
import sys

import structlog

MASK = "•••"
# Numbers with a country or so long that they may be one, e-mail addresses, Meta's ids of users and of messages (which
# carry a number).
# Errors of the database and of others quote what they stumble over.
_PEOPLE = re.compile(
    r"\+[0-9][0-9\s().-]{6,}[0-9]"
    r"|(?<![\w.])(?<![0-9a-f]{4}-)[0-9]{10,15}(?!\w)"  # and no part of a UUID
    r"|(?<![\w.])0?[0-9]{5}[\s-][0-9]{5}(?!\w)"  # as numbers are written at home in India
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|wamid\.[\w+/=-]+"
    r"|\b[A-Z]{2}\.[0-9]{6,}",
    re.ASCII,
)


def nameless(words: str) -> str:
    """The words without what names a customer: phone numbers, ids of users and messages."""
    return _PEOPLE.sub(MASK, words)


def _without_people(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: _nameless(value) for name, value in event.items()}


def _nameless(value: object) -> object:
    """Numbers that are numbers are ours: ids and counts."""
    if isinstance(value, dict):
        return {name: _nameless(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_nameless(part) for part in value]
    return nameless(value) if isinstance(value, str) else value


def configure(level: str) -> None:
    """Send every log line, ours and the libraries', to standard output as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _without_people,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("rq.worker", "werkzeug", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel("WARNING")
