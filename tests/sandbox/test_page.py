"""The sandbox's page: phones, conversations, and acting as a customer."""

from __future__ import annotations

import requests

from .programs import ASHA, Receiver, Sandbox, await_true, offer


def page(sandbox: Sandbox, path: str, **params: str) -> str:
    answer = requests.get(f"{sandbox.url}{path}", params=params, timeout=5)
    assert answer.ok
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    return answer.text


def test_it_shows_a_conversation_as_the_customer_sees_it(sandbox: Sandbox) -> None:
    sandbox.send(offer())
    shown = page(sandbox, f"/phones/{ASHA}")
    assert "Hi Asha, the monsoon has made Goa green again. Fly from Pune" in shown
    assert 'value="Interested"' in shown


def test_it_lets_the_customer_tap_reply_and_opt_out(sandbox: Sandbox, receiver: Receiver) -> None:
    wamid = sandbox.send(offer()).json()["messages"][0]["id"]
    tap = {"message": wamid, "title": "Stop offers"}
    assert "Stop offers" in requests.post(f"{sandbox.url}/phones/{ASHA}/tap", data=tap, timeout=5).text
    requests.post(f"{sandbox.url}/phones/{ASHA}/reply", data={"body": "STOP"}, timeout=5)
    await_true(lambda: len(receiver.messages()) == 2)
    tapped, opted_out = receiver.messages()
    assert (tapped["button"]["text"], tapped["context"]["id"]) == ("Stop offers", wamid)
    assert opted_out["text"] == {"body": "STOP"}


def test_it_finds_a_phone_among_many_and_pages(sandbox: Sandbox) -> None:
    for n in range(35):
        sandbox.send(offer(to=f"9198000000{n:02}"))
    assert "919800000034" in page(sandbox, "/")
    assert "919800000002" not in page(sandbox, "/")
    assert "919800000002" in page(sandbox, "/", page="2")
    found = page(sandbox, "/", q="+919800000002")
    assert "919800000002" in found
    assert "919800000003" not in found
    assert "35 phones, page 1" in page(sandbox, "/", page="9" * 30)


def test_it_lets_a_stranger_write(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/phones"
    assert "Hello <b>" not in requests.post(url, data={"from": "+91 98123 45678", "body": "Hello <b>"}, timeout=5).text
    assert sandbox.state()["inbound"] == 1
    assert "Give a number" in requests.post(url, data={"from": "x", "body": "Hi"}, timeout=5).text
    assert requests.get(f"{sandbox.url}/phones/000", timeout=5).status_code == 404


def test_it_brings_its_style_and_script(sandbox: Sandbox) -> None:
    assert "prefers-color-scheme" in requests.get(f"{sandbox.url}/__page__/sandbox.css", timeout=5).text
    assert requests.get(f"{sandbox.url}/__page__/refresh.js", timeout=5).ok
