"""What Meta tells of numbers, accounts and tokens, complete or not."""

from datetime import UTC, datetime

import pytest
import responses

from app.meta.phone_numbers import TIER_LIMITS, debug_token, list_phone_numbers, read_phone_number, read_waba

URL = "https://graph.example/v26.0"
NODE = {
    "id": "1065",
    "display_phone_number": "+91 98123 45678",
    "verified_name": "Asha Sweets",
    "quality_rating": "GREEN",
    "status": "CONNECTED",
    "name_status": "APPROVED",
    "throughput": {"level": "STANDARD"},
    "whatsapp_business_manager_messaging_limit": "TIER_2K",
    "health_status": {
        "can_send_message": "LIMITED",
        "entities": [
            {
                "entity_type": "WABA",
                "can_send_message": "LIMITED",
                "errors": [{"error_description": "No payment method."}],
            },
            {"entity_type": "APP", "can_send_message": "AVAILABLE"},
        ],
    },
}


@responses.activate
def test_it_reads_a_number(transport):
    responses.get(f"{URL}/1065", json=NODE)
    number = read_phone_number(transport, "1065")
    assert (number.verified_name, number.throughput_level) == ("Asha Sweets", "STANDARD")
    assert TIER_LIMITS[number.messaging_limit_tier] == 2000
    assert (number.health, number.health_problems) == ("LIMITED", ("No payment method.",))


@pytest.mark.parametrize(
    "node", [{}, {"throughput": None, "health_status": "x"}, {"health_status": {"entities": [None]}}]
)
@responses.activate
def test_it_reads_a_number_that_says_little(transport, node):
    responses.get(f"{URL}/1065", json=node)
    number = read_phone_number(transport, "1065")
    assert (number.id, number.throughput_level, number.health_problems) == ("1065", None, ())


@responses.activate
def test_it_lists_the_numbers_of_an_account(transport):
    responses.get(f"{URL}/7/phone_numbers", json={"data": [NODE]})
    assert [number.id for number in list_phone_numbers(transport, "7")] == ["1065"]


@responses.activate
def test_it_reads_an_account(transport):
    responses.get(f"{URL}/7", json={"id": "7", "name": "Asha", "currency": "INR", "account_review_status": "APPROVED"})
    account = read_waba(transport, "7")
    assert (account.name, account.currency, account.review_status, account.health) == (
        "Asha",
        "INR",
        "APPROVED",
        None,
    )


@responses.activate
def test_it_reads_a_token(transport):
    data = {
        "app_id": 9,
        "type": "SYSTEM_USER",
        "is_valid": True,
        "expires_at": 1790000000,
        "scopes": ["a", "b"],
    }
    responses.get(f"{URL}/debug_token", json={"data": data})
    facts = debug_token(transport, "EAAother")
    assert (facts.is_valid, facts.app_id, facts.scopes) == (True, "9", ("a", "b"))
    assert facts.expires_at == datetime.fromtimestamp(1790000000, UTC)


@responses.activate
def test_it_reads_a_token_that_never_expires(transport):
    responses.get(f"{URL}/debug_token", json={"data": {"is_valid": True, "expires_at": 0}})
    assert debug_token(transport, "EAAother").expires_at is None
