"""What goes out with every call, how lists are read to their end, and what an error envelope becomes."""

import hashlib
import hmac
import json
import traceback

import pytest
import responses
from responses import matchers

from app.meta.errors import ErrorClass, MetaError, NotSent, OutcomeUnknown
from app.meta.templates import list_templates
from app.meta.transport import Transport

from .conftest import SECRET, TOKEN

URL = "https://graph.example/v26.0"


def envelope(code: object, **more: object) -> dict[str, object]:
    return {"error": {"message": f"(#{code}) No", "type": "OAuthException", "code": code, **more}}


@responses.activate
def test_it_shows_its_token_in_the_header_only(transport):
    call = responses.post(f"{URL}/1/messages", json={})
    transport.post("/1/messages", {"a": "é"})
    request = call.calls[0].request
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert json.loads(request.body) == {"a": "é"}
    assert TOKEN not in request.url


@responses.activate
def test_it_proves_the_app_secret(connect):
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    responses.get(f"{URL}/1", json={}, match=[matchers.query_param_matcher({"appsecret_proof": proof, "fields": "id"})])
    assert connect(app_secret=SECRET).get("1", {"fields": "id"}) == {}


@responses.activate
def test_it_posts_forms_and_deletes(transport):
    responses.post(f"{URL}/1", json={"id": "2"}, match=[matchers.urlencoded_params_matcher({"name": "x"})])
    responses.delete(f"{URL}/1", json={"success": True}, match=[matchers.query_param_matcher({"name": "x"})])
    assert transport.post_form("1", {"name": "x"}) == {"id": "2"}
    assert transport.delete("1", {"name": "x"}) == {"success": True}


@responses.activate
def test_it_tells_what_meta_refused(transport):
    details = {"messaging_product": "whatsapp", "details": "Parameter 'to' is not a phone number"}
    body = envelope(131009, error_data=details, error_subcode=2388299, fbtrace_id="AbC")
    responses.post(f"{URL}/1", json=body, status=400)
    with pytest.raises(MetaError) as caught:
        transport.post("1", {})
    error = caught.value
    assert (error.code, error.subcode, error.http_status) == (131009, 2388299, 400)
    assert (error.message, error.details) == ("(#131009) No", details["details"])
    assert error.fbtrace_id == "AbC"
    assert "begins or ends" in error.meaning.sentence


@pytest.mark.parametrize(
    ("code", "status", "error_class"),
    [
        (131000, 500, ErrorClass.TRANSIENT),
        (2, 503, ErrorClass.TRANSIENT),
        (0, 401, ErrorClass.AUTH),
        ("131026", 400, ErrorClass.CUSTOMER),
        (130429, 200, ErrorClass.THROTTLED),
    ],
)
@responses.activate
def test_it_trusts_the_code_whatever_the_http_status(transport, code, status, error_class):
    responses.post(f"{URL}/1", json=envelope(code), status=status)
    with pytest.raises(MetaError) as caught:
        transport.post("1", {})
    assert (caught.value.code, caught.value.error_class) == (int(code), error_class)


@pytest.mark.parametrize("code", [None, True, "", "x", 1.5, {}, 10**30])
@responses.activate
def test_it_does_not_take_a_code_that_is_none_for_a_refusal(transport, code):
    responses.post(f"{URL}/1", json=envelope(code), status=500)
    with pytest.raises(OutcomeUnknown):
        transport.post("1", {})


@responses.activate
def test_it_blots_out_a_token_that_meta_quotes(transport):
    responses.get(f"{URL}/1", json=envelope(190, message=f"Malformed access token {TOKEN}"), status=401)
    with pytest.raises(MetaError) as caught:
        transport.get("1")
    assert TOKEN not in str(caught.value) + repr(caught.value) + caught.value.message


@responses.activate
def test_it_reads_again_only_what_may_pass(transport):
    responses.get(f"{URL}/1", json=envelope(131016), status=500)
    responses.get(f"{URL}/1", json={"id": "1"})
    refused = responses.get(f"{URL}/2", json=envelope(190), status=401)
    assert transport.get("1") == {"id": "1"}
    with pytest.raises(MetaError):
        transport.get("2")
    assert refused.call_count == 1


@responses.activate
def test_it_never_posts_again(transport):
    refused = responses.post(f"{URL}/1", json=envelope(131016), status=500)
    with pytest.raises(MetaError):
        transport.post("1", {})
    assert refused.call_count == 1


def page(names: str, after: str | None, following: str | None) -> dict[str, object]:
    paging = {"cursors": {"after": after}, "next": following}
    return {"data": [{"name": name} for name in names], "paging": {k: v for k, v in paging.items() if v}}


@responses.activate
def test_it_reads_a_list_to_its_end_and_never_elsewhere(transport):
    elsewhere = "https://evil.example/steal?after=B&access_token=x&limit=100"
    first = responses.get(f"{URL}/7/message_templates", json=page("ab", "B", elsewhere))
    last = responses.get(f"{URL}/7/message_templates", json=page("c", "C", None))
    assert [template["name"] for template in list_templates(transport, "7")] == ["a", "b", "c"]
    assert first.call_count == last.call_count == 1
    assert "after=B" in last.calls[0].request.url
    assert "access_token" not in last.calls[0].request.url


@responses.activate
def test_it_stops_when_a_list_turns_in_a_circle(transport):
    same = responses.get(f"{URL}/7", json=page("a", "A", f"{URL}/7?after=A"))
    assert len(list(transport.get_items("7"))) == 2
    assert same.call_count == 2


@pytest.mark.parametrize("odd", [{}, {"data": None}, {"data": ["x", None]}, {"data": {}, "paging": {"next": 5}}])
@responses.activate
def test_it_finds_nothing_in_an_odd_list(transport, odd):
    responses.get(f"{URL}/7", json=odd)
    assert list(transport.get_items("7")) == []


@pytest.mark.parametrize("token", ["", "abc\n", "a b", "ä", "abc\x00"])
def test_it_refuses_a_token_that_cannot_be_one_without_quoting_it(token):
    with pytest.raises(ValueError, match="access token") as caught:
        Transport(URL, "v26.0", token)
    assert "abc" not in str(caught.value)


CALLS = {
    "reading": lambda transport: transport.get("1"),
    "a list": lambda transport: list(transport.get_items("1")),
    "a body": lambda transport: transport.post("1", {}),
    "a form": lambda transport: transport.post_form("1", {"a": "b"}),
    "a file in parts": lambda transport: transport.post_form("1", {"a": "b"}, {"file": ("a.png", b"x", "image/png")}),
    "a file as it is": lambda transport: transport.post_bytes("1", b"x"),
    "deleting": lambda transport: transport.delete("1"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_it_proves_the_app_secret_with_every_call(call, connect):
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    with responses.RequestsMock() as meta:
        for method in ("GET", "POST", "DELETE"):
            meta.add(method, f"{URL}/1", json={})
        meta.assert_all_requests_are_fired = False
        call(connect(app_secret=SECRET))
        assert [made.request.params for made in meta.calls] == [{"appsecret_proof": proof}]
        assert TOKEN in meta.calls[0].request.headers["Authorization"]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_it_keeps_its_secrets_whatever_call_fails(call, connect, caplog):
    caplog.set_level("DEBUG")
    transport = connect("http://127.0.0.1:9", app_secret=SECRET)
    with pytest.raises(NotSent) as caught:
        call(transport)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(transport) + caplog.text
    proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert not any(secret in told for secret in (TOKEN, SECRET, proof))
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
