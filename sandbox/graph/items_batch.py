"""items_batch: many changes of a catalog at once, checked on receipt, done a moment later."""

import secrets
import time
from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.lists import switch_of
from sandbox.graph.products import put_item
from sandbox.stage import Stage
from sandbox.validation.items import faults_of, faults_of_new, warnings_of
from sandbox.world.shop import Batch, Catalog

METHODS = ("CREATE", "UPDATE", "DELETE")
MOST_REQUESTS = 5000
MOST_HANDLES = 200  # remembered per catalog
STARTS_AFTER = 0.4  # share of a batch's time


async def take(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{catalog id}/items_batch. The faults Meta sees at once come in `validation_status`; nothing is queued
    when every request has one."""
    if not stage.calls.admits(f"batch {node}", stage.tuning.management.batch_calls):
        raise GraphError(80014)
    requests = _requests(call.params)
    may_create = switch_of("allow_upsert", call.params.get("allow_upsert", True))
    seen = [_validation(request) for request in requests]
    shown = [one for one in seen if one["errors"] or one["warnings"]]
    sound = [[line, one] for line, one in enumerate(requests) if not seen[line]["errors"]]
    if not sound:
        return {"handles": [], "validation_status": shown}
    catalog = stage.world.shop.catalogs[node]
    batch = _queue(stage, catalog, sound, may_create)
    return {"handles": [batch.handle], "validation_status": shown}


async def status(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{catalog id}/check_batch_request_status?handle=[&load_ids_of_invalid_requests=true]."""
    batch = stage.world.shop.catalogs[node].batches.get(str(call.params.get("handle", "")))
    if batch is None:
        raise GraphError(100, message="(#100) Param handle must be a valid handle of this catalog")
    progress = _progress(batch)
    errors = batch.errors if progress == "finished" else []
    wants_ids = switch_of("load_ids_of_invalid_requests", call.params.get("load_ids_of_invalid_requests", False))
    return {
        "data": [
            {
                "handle": batch.handle,
                "status": progress,
                "errors_total_count": len(errors),
                "errors": errors,
                "warnings_total_count": 0,
                "warnings": [],
                "ids_of_invalid_requests": [one["id"] for one in errors] if wants_ids else [],
            }
        ]
    }


def _requests(given: dict[str, Any]) -> list[dict[str, Any]]:
    if given.get("item_type") != "PRODUCT_ITEM":
        raise GraphError(100, message="(#100) Param item_type must be one of {PRODUCT_ITEM}")
    requests = given.get("requests")
    if not isinstance(requests, list) or not requests or not all(isinstance(one, dict) for one in requests):
        raise GraphError(100, message="(#100) Param requests must be an array of objects")
    if len(requests) > MOST_REQUESTS:
        raise GraphError(100, message=f"(#100) Param requests may hold at most {MOST_REQUESTS}")
    for request in requests:
        if request.get("method") not in METHODS or not isinstance(request.get("data"), dict):
            raise GraphError(100, message=f"(#100) Each request needs a method ({', '.join(METHODS)}) and data")
    return requests


def _validation(request: dict[str, Any]) -> dict[str, Any]:
    facts, method = request["data"], request["method"]
    faults = [] if facts.get("id") else ["The required property id is missing."]
    if method != "DELETE":
        faults += faults_of_new(facts) if method == "CREATE" else faults_of(facts)
    told = {"errors": faults, "warnings": warnings_of(facts)}
    return {"retailer_id": str(facts.get("id", ""))} | {
        name: [{"message": text} for text in texts] for name, texts in told.items()
    }


def resume_batches(stage: Stage) -> None:
    """After a restart: go on with the batches that were under way."""
    for catalog in stage.world.shop.catalogs.values():
        for batch in catalog.batches.values():
            if batch.waiting:
                stage.agenda.at(batch.ready_at, _carry_out, stage, catalog, batch)


def _queue(stage: Stage, catalog: Catalog, requests: list[Any], may_create: bool) -> Batch:
    now = time.time()
    ready_at = now + stage.tuning.reviews.batch_ms / 1000
    batch = Batch("Ac" + secrets.token_urlsafe(40), now, ready_at, may_create, requests)
    stage.agenda.at(ready_at, _carry_out, stage, catalog, batch)
    catalog.batches[batch.handle] = batch
    while len(catalog.batches) > MOST_HANDLES:
        del catalog.batches[next(iter(catalog.batches))]
    stage.store.shop.changed()
    return batch


def _progress(batch: Batch) -> str:
    if not batch.waiting:
        return "finished"
    starts_at = batch.received_at + (batch.ready_at - batch.received_at) * STARTS_AFTER
    return "started" if time.time() >= starts_at else "scheduled"


def _carry_out(stage: Stage, catalog: Catalog, batch: Batch) -> None:
    for line, request in batch.waiting:
        facts, method = request["data"], request["method"]
        fault = _fault(catalog, facts, method, batch.may_create)
        if fault:
            batch.errors.append({"line": line, "id": str(facts["id"]), "message": fault})
        elif method == "DELETE":
            del catalog.items[str(facts["id"])]
        else:
            put_item(stage, catalog, facts)
    batch.waiting = []
    stage.store.shop.changed()


def _fault(catalog: Catalog, facts: dict[str, Any], method: str, may_create: bool) -> str | None:
    """What only shows against the catalog as it is then."""
    present = catalog.items.get(str(facts["id"]))
    if method == "DELETE" or (method == "UPDATE" and not may_create):
        return None if present else "The item does not exist in this catalog."
    whole = (present.facts if present else {}) | facts
    return " ".join(faults_of_new(whole)) or None
