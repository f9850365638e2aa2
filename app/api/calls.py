"""How a call is declared. One decorator says who may call it, what it takes and answers; the address, the checks
and the OpenAPI description follow from that."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Request, Response
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin
from werkzeug.exceptions import BadRequest

from app.api.access import admit, rate_key
from app.api.refusals import refuse, refuse_input
from app.api.schemas.common import Error
from app.extensions import csrf, limiter

PREFIX = "/api/whatsapp"
CALLS_PER_MINUTE = 600
LARGEST_JSON = 5 * 1024 * 1024

bp = Blueprint("api", __name__)
csrf.exempt(bp)  # a token in a header is sent by nobody unasked
limiter.shared_limit(
    f"{CALLS_PER_MINUTE} per minute",
    scope="api",
    key_func=rate_key,
    error_message=f"This token made more than {CALLS_PER_MINUTE} calls in a minute.",
)(bp)

ABOUT = """Send campaigns of WhatsApp message templates and read what became of them; keep customers, what they
agreed to and what they bought in step with your other programs.

Every call wants `Authorization: Bearer <token>`; tokens are made on the account page or by `flask tokens create`, and
may do what the user may who made them. Errors are `{"error": {"code", "message", "fields"}}`: `message` is a sentence
for people, `fields` says for each field of the request what is wrong with it. Lists come in pages: ask with `page`
(from 1) and `limit`; the answer is `{"items", "total", "page", "limit", "pages"}`. Phone numbers come as E.164 with
`+`, times as ISO 8601 with an offset, ids are UUIDs. A token has 600 calls a minute.

A list goes out in four calls: `POST /campaigns` with `target_type` imported and a template; `POST
/campaigns/{id}/populate` with the CSV file; `GET /imports/{id}` until it is imported; `POST /campaigns/{id}/start`.
`GET /campaigns/{id}/status` then tells how far it is.

A customer comes in by `POST /customers`, again and again without being doubled; their yes to marketing, with its
proof, by `POST /customers/{id}/consent`; their bookings by `POST /sales` or `POST /sales/batch`. Many come as a CSV
file: `POST /imports`, `PUT /imports/{id}` says what its columns become, `POST /imports/{id}/check` what it would
bring, `POST /imports/{id}/start` brings it. Who among them fits is asked by `POST /segments/preview`, kept by
`POST /segments`, and written to by a campaign with `target_type` segment."""

View = Callable[..., Any]

REFUSALS = {
    400: "The body cannot be read",
    401: "The token is missing, unknown or revoked",
    403: "The role of the token's user does not allow this",
    404: "There is no such thing",
    409: "Its state does not allow this now; the sentence says why",
    413: "The body is too large",
    415: "The body is not of the declared kind",
    422: "A field cannot be used; `fields` says which and why",
    429: "Too many calls; `Retry-After` says when to go on",
}


class Plugin(FlaskPlugin):
    """spectree's Flask plugin where it was too lenient with bodies, and too eager with streams."""

    def request_validation(self, request: Request, query: Any, json: Any, form: Any, *rest: Any) -> None:
        if json is not None:
            _demand_json(request)
        if form is not None and request.mimetype not in self.FORM_MIMETYPE:
            refuse(415, "unsupported_media_type", "Send the body as multipart/form-data.")
        super().request_validation(request, query, json, form, *rest)

    def validate_response(self, resp: Any, *rest: Any) -> Any:
        # It would read a stream into memory and call it JSON.
        return (resp, None) if isinstance(resp, Response) else super().validate_response(resp, *rest)


def _demand_json(request: Request) -> None:
    """A body that is JSON and not nothing: spectree takes anything else for an empty object."""
    if not request.is_json:
        refuse(415, "unsupported_media_type", "Send the body as application/json.")
    request.max_content_length = LARGEST_JSON
    try:
        body = request.get_json()
    except (BadRequest, RecursionError):
        refuse(400, "bad_request", "The body is not valid JSON.")
    if not body and body != {}:
        refuse(422, "invalid", "The body holds nothing this call can use.")


def _check_input(request: Any, response: Any, error: Exception | None, *rest: Any) -> None:
    if isinstance(error, ValidationError):
        refuse_input(error)


spec = SpecTree(
    backend=Plugin,
    before=_check_input,
    validation_error_model=Error,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda parent, child: child,
    mode="strict",
    title="Bulbul",
    version="1.0",
    description=ABOUT,
    path="api/openapi",
    page_templates={},  # Swagger UI needs inline script
    security_schemes=[SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    security={"token": []},
)


def call(
    method: str,
    rule: str,
    permission: str,
    *,
    tag: str,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    also: dict[int, type[BaseModel]] | None = None,
    refusals: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Make a view the call `method rule`. Its arguments named query, json and form are checked against their types.

    `answer` is what it answers with `status`, `also` other answers by status; `refusals` are those beyond the usual.
    """

    def declare(view: View) -> View:
        usual = (400, 401, 403, 413, 415, 422, 429) + ((404,) if "<" in rule else ())
        answers = {status: answer, **(also or {})}
        described = spec.validate(
            resp=_answers(answers, {*usual, *refusals} - answers.keys()),
            tags=(tag,),
            operation_id=view.__name__,
        )(view)

        @wraps(described)
        def guarded(**arguments: Any) -> Any:
            admit(permission)
            return described(**arguments)

        bp.add_url_rule(PREFIX + rule, view.__name__, guarded, methods=[method])
        return view

    return declare


def _answers(answers: dict[int, type[BaseModel] | None], refusals: set[int]) -> Answers:
    models = {f"HTTP_{status}": model for status, model in answers.items()}
    return Answers(**models, **{f"HTTP_{status}": (Error, REFUSALS[status]) for status in sorted(refusals)})
