"""A number and its account at Meta: taken into use, subscribed, shop window set."""

import json

import pytest
import responses
from responses import matchers

from app.meta.commerce_settings import CommerceSettings, read_commerce_settings, write_commerce_settings
from app.meta.envelope import BadMessage
from app.meta.errors import MetaError, OutcomeUnknown
from app.meta.phone_numbers import app_token, debug_token
from app.meta.registration import deregister_phone_number, register_phone_number
from app.meta.subscriptions import list_subscribed_apps, subscribe_app, unsubscribe_app

from .conftest import SECRET

URL = "https://graph.example/v26.0"
DONE = {"success": True}


@responses.activate
def test_it_lists_the_apps_that_hear_of_the_account(transport):
    told = {"whatsapp_business_api_data": {"id": "99", "name": "Bulbul", "link": "https://x"}}
    other = {"whatsapp_business_api_data": {"id": 98}, "override_callback_uri": "https://o.in/hook"}
    responses.get(f"{URL}/7/subscribed_apps", json={"data": [told, other, {}, None]})
    assert list(list_subscribed_apps(transport, "7")) == ["99", "98"]


@responses.activate
def test_it_subscribes_and_unsubscribes(transport):
    call = responses.post(f"{URL}/7/subscribed_apps", json=DONE)
    gone = responses.delete(f"{URL}/7/subscribed_apps", json=DONE)
    subscribe_app(transport, "7")
    subscribe_app(transport, "7", "https://b.in/hook", "v")
    unsubscribe_app(transport, "7")
    assert [json.loads(made.request.body) for made in call.calls] == [
        {},
        {"override_callback_uri": "https://b.in/hook", "verify_token": "v"},
    ]
    assert gone.call_count == 1


@responses.activate
def test_it_registers_a_number_with_its_pin(transport):
    call = responses.post(f"{URL}/1065/register", json=DONE)
    responses.post(f"{URL}/1065/deregister", json=DONE)
    register_phone_number(transport, "1065", "012345")
    deregister_phone_number(transport, "1065")
    assert json.loads(call.calls[0].request.body) == {"messaging_product": "whatsapp", "pin": "012345"}


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_it_does_not_waste_a_try_on_what_is_no_pin(transport, pin):
    with pytest.raises(BadMessage, match="six digits"):
        register_phone_number(transport, "1065", pin)


@responses.activate
def test_it_says_that_the_pin_was_wrong(transport):
    responses.post(f"{URL}/1065/register", json={"error": {"code": 133005, "message": "PIN"}}, status=400)
    with pytest.raises(MetaError) as caught:
        register_phone_number(transport, "1065", "012345")
    assert "PIN was wrong" in caught.value.meaning.sentence


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ([{"id": "1", "is_cart_enabled": False, "is_catalog_visible": True}], CommerceSettings(False, True)),
        ([{"id": "1"}], CommerceSettings(True, False)),
        ([], CommerceSettings(True, False)),
    ],
)
@responses.activate
def test_it_reads_the_shop_window(transport, data, settings):
    responses.get(f"{URL}/1065/whatsapp_commerce_settings", json={"data": data})
    assert read_commerce_settings(transport, "1065") == settings


@responses.activate
def test_it_sets_the_shop_window(transport):
    fields = [matchers.urlencoded_params_matcher({"is_cart_enabled": "true", "is_catalog_visible": "false"})]
    responses.post(f"{URL}/1065/whatsapp_commerce_settings", json=DONE, match=fields)
    write_commerce_settings(transport, "1065", CommerceSettings(True, False))
    responses.replace("POST", f"{URL}/1065/whatsapp_commerce_settings", json={})
    with pytest.raises(OutcomeUnknown):
        write_commerce_settings(transport, "1065", CommerceSettings())


@responses.activate
def test_it_examines_a_token_in_the_app_s_own_name(connect):
    asked = connect(token=app_token("99", SECRET))
    call = responses.get(f"{URL}/debug_token", json={"data": {"is_valid": True}})
    assert debug_token(asked, "EAAother").is_valid
    assert call.calls[0].request.headers["Authorization"] == f"Bearer 99|{SECRET}"


@responses.activate
def test_it_blots_out_the_secret_within_an_app_s_token(connect):
    error = {"code": 190, "message": f"Cannot validate {SECRET}", "error_data": {"details": f"99|{SECRET}"}}
    responses.get(f"{URL}/debug_token", json={"error": error}, status=400)
    with pytest.raises(MetaError) as caught:
        debug_token(connect(token=app_token("99", SECRET)), "EAAother")
    assert SECRET not in str(caught.value) + repr(caught.value)
