"""The OpenAPI description: whole, valid, and true of what the calls do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from sqlalchemy import select

from app.campaigns.models import Campaign
from app.customers.imports.models import Import
from app.customers.models import Customer, Sale
from app.customers.segments.models import Segment
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests import factories
from tests.api.conftest import Caller
from tests.api.test_segments import PUNE

EXAMPLES = 15
PROMISES = (not_a_server_error, status_code_conformance, response_schema_conformance)
CALLS = {
    "/campaigns": {"get", "post"},
    "/campaigns/{campaign_id}": {"get", "put", "delete"},
    "/campaigns/{campaign_id}/populate": {"post"},
    "/campaigns/{campaign_id}/recipients": {"get", "post"},
    "/campaigns/{campaign_id}/start": {"post"},
    "/campaigns/{campaign_id}/send": {"post"},
    "/campaigns/{campaign_id}/pause": {"post"},
    "/campaigns/{campaign_id}/resume": {"post"},
    "/campaigns/{campaign_id}/cancel": {"post"},
    "/campaigns/{campaign_id}/retry-failed": {"post"},
    "/campaigns/{campaign_id}/assume-sent": {"post"},
    "/campaigns/{campaign_id}/send-again": {"post"},
    "/campaigns/{campaign_id}/status": {"get"},
    "/campaigns/{campaign_id}/stats": {"get"},
    "/imports": {"get", "post"},
    "/imports/fields": {"get"},
    "/imports/{import_id}": {"get", "put", "delete"},
    "/imports/{import_id}/preview": {"get"},
    "/imports/{import_id}/check": {"post"},
    "/imports/{import_id}/start": {"post"},
    "/imports/{import_id}/cancel": {"post"},
    "/imports/{import_id}/undo": {"post"},
    "/imports/{import_id}/errors": {"get"},
    "/imports/{import_id}/errors.csv": {"get"},
    "/customers": {"get", "post"},
    "/customers/{customer_id}": {"get", "put", "delete"},
    "/customers/{customer_id}/tags": {"post"},
    "/customers/{customer_id}/consent": {"get", "post"},
    "/erasures/{erasure_id}": {"get"},
    "/sales": {"get", "post"},
    "/sales/batch": {"post"},
    "/sales/{sale_id}": {"get", "put", "delete"},
    "/segments": {"get", "post"},
    "/segments/fields": {"get"},
    "/segments/preview": {"post"},
    "/segments/{segment_id}": {"get", "put", "delete"},
    "/segments/{segment_id}/copy": {"post"},
    "/segments/{segment_id}/customers": {"get"},
    "/send-template": {"post"},
    "/templates": {"get", "post"},
    "/templates/sync": {"post"},
    "/validate-setup": {"get"},
    "/limit": {"get"},
}


@pytest.fixture
def description(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_it_describes_every_call(description: dict[str, Any]) -> None:
    paths = {path.removeprefix("/api/whatsapp"): set(calls) for path, calls in description["paths"].items()}
    assert paths == CALLS
    assert description["openapi"].startswith("3.1")
    assert description["security"] == [{"token": []}]


def test_every_reference_leads_somewhere_and_every_call_has_its_name(description: dict[str, Any]) -> None:
    references = {value for key, value in _walk(description) if key == "$ref"}
    names = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert references
    assert references <= names
    operations = [value for key, value in _walk(description["paths"]) if key == "operationId"]
    assert len(operations) == len(set(operations)) == sum(map(len, CALLS.values()))


def test_it_declares_the_refusals(description: dict[str, Any]) -> None:
    for path, calls in description["paths"].items():
        for operation in calls.values():
            assert {"401", "403", "422", "429"} <= set(operation["responses"]), path
    assert "409" in description["paths"]["/api/whatsapp/campaigns/{campaign_id}/start"]["post"]["responses"]


def _walk(node: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def isolated(app: Flask) -> Callable[..., Any]:
    """The application as a server runs it: a context of its own for each request."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with app.app_context():
            return app.wsgi_app(environ, start_response)

    return wsgi


@pytest.fixture
def schema(app: Flask, template: MessageTemplate) -> BaseSchema:
    factories.make_recipients(factories.make_campaign(template), 2)
    factories.make_sale(factories.make_customer())
    db.session.commit()
    return schemathesis.openapi.from_wsgi("/api/openapi.json", isolated(app))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "method"), [(path, method) for path, methods in CALLS.items() for method in sorted(methods)]
)
@pytest.mark.usefixtures("sandbox")
def test_whatever_comes_it_answers_as_described(schema: BaseSchema, api: Caller, path: str, method: str) -> None:
    api.upload("/imports", b"Phone;Name\n9820012345;Asha\n", kind="customers")
    api.post("/segments", {"name": "Pune", "query": PUNE})
    operation = schema[f"/api/whatsapp{path}"][method]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
    known = {
        "campaign_id": Campaign,
        "customer_id": Customer,
        "sale_id": Sale,
        "segment_id": Segment,
        "import_id": Import,
    }
    public_ids = {name: str(db.session.scalars(select(model.public_id)).first()) for name, model in known.items()}

    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=HealthCheck)
    @given(case=cases, is_known=st.booleans())
    def probe(case: Case, is_known: bool) -> None:
        for name in public_ids.keys() & case.path_parameters.keys() if is_known else ():
            case.path_parameters[name] = public_ids[name]
        case.call_and_validate(headers={"Authorization": f"Bearer {api.token}"}, checks=PROMISES)

    probe()
