"""Sowing the demo data: people, what they booked, rates, one finished campaign. Sowing again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from app import config
from app.auth import workspace
from app.channels.models import Channel
from app.channels.queries import the_channel
from app.message_templates import queries as message_templates
from app.message_templates.jobs.reading import sync_templates
from app.message_templates.models import MessageTemplate
from app.messaging import pricing
from app.operations.seed import campaign, people, sales
from app.shared import clock
from app.shared.errors import Refused

WORKSPACE = "Sahyadri Holidays"
UNNAMED = "Bulbul"  # the name a workspace is born with
TEMPLATE = "goa_monsoon_offer"


@dataclass(frozen=True, slots=True)
class Harvest:
    """How much was new."""

    customers: int
    sales: int
    campaigns: int

    def __str__(self) -> str:
        if not any((self.customers, self.sales, self.campaigns)):
            return "The demo data is there already."
        return f"Demo data: {self.customers} customers, {self.sales} sales, {self.campaigns} finished campaign."


def sow() -> Harvest:
    """Store what is missing of the demo data; the caller commits. Raises Refused outside the sandbox."""
    if not config.current().sandbox:
        raise Refused("Demo data is for the sandbox only; this workspace is connected to Meta.")
    if (channel := the_channel()) is None:
        raise Refused("There is no channel yet; run `flask channels ensure`.")
    template, now = _template(channel), clock.now()
    _name_workspace()
    pricing.seed_default_rates()
    # Each its own dice: a change to one part must not shuffle the others.
    demo_people = people.people(Random("people"), now)
    phones = [person.phone for person in demo_people]
    return Harvest(
        people.settle(demo_people),
        sales.settle(Random("sales"), phones, now),
        campaign.settle(Random("campaign"), channel, template, phones, now),
    )


def _template(channel: Channel) -> MessageTemplate:
    """The campaign's message template, fetched from Meta as every other where it is not known yet."""
    found = message_templates.by_name(channel, TEMPLATE)
    if found is None and sync_templates(channel.id) is None:
        raise Refused(channel.templates_sync_error or "The message templates could not be read.")
    if (found := found or message_templates.by_name(channel, TEMPLATE)) is None:
        raise Refused(f"The sandbox has no message template {TEMPLATE}; reset it and try again.")
    return found


def _name_workspace() -> None:
    house = workspace.current()
    if house.name == UNNAMED:
        house.name = WORKSPACE
