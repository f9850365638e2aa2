"""What follows an accepted message: its statuses, and what its customer does about it."""

import random
import time

from sandbox.acts.habits import follow
from sandbox.stage import Stage
from sandbox.tuning import Quality, Statuses
from sandbox.webhooks.payloads import Update
from sandbox.world.facts import Customer, Outgoing, is_status

FAILING_LATER = {"131026", "131049", "131050", "131053"}  # numbers ending so are accepted, then fail
CAPPED, DROPPED = "131049", "132015"


def plan_for(
    customer: Customer, category: str, habits: Statuses, latency_ms: float, is_capped: bool = False
) -> list[tuple[str, int]]:
    """The steps after acceptance with their offsets in milliseconds; a customer who `is_capped` gets no marketing."""
    delay = habits.delay_ms
    code = customer.refusal_of(category) or (CAPPED if is_capped else customer.key[-6:])
    if code in FAILING_LATER:
        return [(f"failed:{code}", round(latency_ms + delay * random.uniform(0.3, 1)))]
    is_read = random.random() < habits.read_rate
    plan = [("sent", delay * random.uniform(0.05, 0.2))]
    if not (is_read and random.random() < habits.skip_delivered_rate):
        plan.append(("delivered", delay * random.uniform(0.8, 1.3)))
    if is_read:
        plan.append(("read", delay * random.uniform(2.4, 3.6)))
        plan += [(act, delay * random.uniform(4, 6)) for act in _acts(habits)]
    return [(step, round(latency_ms + offset)) for step, offset in plan]


def hold(plan: list[tuple[str, int]], tuning: Quality) -> list[tuple[str, int]]:
    """The same plan after Meta's quality assessment, or its end there."""
    wait = round(tuning.hold_ms)
    if random.random() < tuning.drop_rate:
        return [(f"failed:{DROPPED}", wait)]
    return [(step, offset + wait) for step, offset in plan]


def _acts(habits: Statuses) -> list[str]:
    rates = {"tap": habits.click_rate, "order": habits.order_rate, "reply": habits.reply_rate}
    return [act for act, rate in rates.items() if random.random() < rate]


def schedule(message: Outgoing, stage: Stage) -> None:
    """Put every step of a message on the agenda."""
    for step in message.open_steps():
        stage.agenda.at(message.due(step), happen, (message, step), stage)


def resume(stage: Stage) -> None:
    """After a restart: go on with everything that was still to be told."""
    for fact, step in stage.world.untold():
        when = fact.due(step) if isinstance(fact, Outgoing) else time.time()
        stage.agenda.at(when, happen, (fact, step), stage)


def happen(update: Update, stage: Stage) -> None:
    """A step's time has come: tell it, or let the customer act."""
    fact, step = update
    if isinstance(fact, Outgoing) and not is_status(fact.steps[step]):
        stage.store.settle([update])
        follow(fact.steps[step], fact, stage)
    else:
        stage.postman.put(update)
