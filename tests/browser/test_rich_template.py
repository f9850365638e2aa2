"""The wizard's variables and the try-out page for a carousel and for an offer, in a real browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.house import EMAIL, House
from tests.browser.looks import look_all_ways
from tests.rich_templates import ACCOUNT, CARD, OFFER, SAMPLE, WORDS

MORE = {"type": "QUICK_REPLY", "text": "More of this"}
CARD_WITH_REPLY = {"components": [*CARD["components"][:2], {"type": "BUTTONS", "buttons": [MORE]}]}
TEMPLATES: dict[str, list[dict[str, Any]]] = {
    "goa_cards": [WORDS, {"type": "CAROUSEL", "cards": [CARD_WITH_REPLY, CARD_WITH_REPLY]}],
    "goa_flash": [
        {"type": "HEADER", "format": "IMAGE", "example": SAMPLE},
        OFFER,
        WORDS,
        {"type": "BUTTONS", "buttons": [MORE, {"type": "COPY_CODE", "example": "HALF"}]},
    ],
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the templates are tried, and where a campaign with each is told its variables; by name."""

    trial: dict[str, str]
    variables: dict[str, str]


@pytest.fixture(scope="module")
def addresses(house: House) -> Addresses:
    """Templates approved at the sandbox and read from there; campaigns that have their recipients."""
    house.sandbox("PUT", "config", reviews={"template_ms": 0})
    token = house.flask("tokens", "create", "--email", EMAIL, "--name", "cards")
    for name, components in TEMPLATES.items():
        body = {"name": name, "language": "en", "category": "MARKETING", "components": components}
        call(f"{house.sandbox_url}/v26.0/{ACCOUNT}/message_templates", "sandbox-token", body)
    api = f"{house.url}/api/whatsapp"
    call(f"{api}/templates/sync", token, {})
    listed = requests.get(f"{api}/templates?limit=100", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    trial = {one["name"]: f"{house.url}/templates/{one['id']}/try" for one in listed.json()["items"]}
    return Addresses(trial, {name: variables_of(house, token, name) for name in TEMPLATES})


def variables_of(house: House, token: str, name: str) -> str:
    campaigns = f"{house.url}/api/whatsapp/campaigns"
    campaign = call(campaigns, token, {"name": f"With {name}", "template_name": name})["id"]
    people = [{"phone": f"+9198200000{number:02}", "name": "Asha"} for number in range(3)]
    call(f"{campaigns}/{campaign}/recipients", token, people)
    return f"{house.url}/campaigns/{campaign}/edit/variables"


def call(url: str, token: str, body: Any) -> Any:
    answer = requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


def test_every_value_has_its_place(owner: Page, addresses: Addresses) -> None:
    faults = []
    for name in TEMPLATES:
        for kind, by_name in (("variables", addresses.variables), ("try", addresses.trial)):
            owner.goto(by_name[name])
            owner.get_by_text("Optional", exact=True).click()
            faults += look_all_ways(owner, f"{kind}-{name}")
    assert faults == []


def test_faults_stand_at_their_fields(owner: Page, addresses: Addresses, console: list[str]) -> None:
    owner.goto(addresses.variables["goa_cards"])
    for card in (0, 1):
        owner.locator(f"input[name='text:card.{card}.header.media']").fill("http://example.in/a.jpg")
        owner.locator(f"input[name='text:card.{card}.body.1']").fill("two")
    expect(owner.locator("#preview")).to_contain_text("Only two rooms left.")
    owner.get_by_role("button", name="Save and continue").click()
    expect(owner.get_by_role("group", name="Card 2 · Image").get_by_role("alert")).to_contain_text("https")
    faults = look_all_ways(owner, "faults-of-cards")
    owner.goto(addresses.variables["goa_flash"])
    owner.locator("input[name='text:header.media']").fill("12")
    owner.locator("input[name='text:limited_time_offer.expiration']").fill("2020-01-02T18:00")
    owner.locator("input[name='text:button.1.code']").fill("HALF")
    owner.get_by_role("button", name="Save and continue").click()
    offer = owner.get_by_role("group", name="Offer ends").get_by_role("alert")
    expect(offer).to_have_text("The offer has ended already; choose a time that lies ahead.")
    assert faults + look_all_ways(owner, "faults-of-flash") == []
    console[:] = [line for line in console if "422" not in line]  # the browser reports the answer's status
