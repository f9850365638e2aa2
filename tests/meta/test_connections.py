"""What a broken connection means for a message: certainly not sent, or nobody knows. Real sockets."""

import socket
import time
import traceback

import pytest

from app.meta.errors import NO_ANSWER, NOT_SENT, ErrorClass, MetaFailure, NotSent, OutcomeUnknown
from app.meta.messages import send, text_message
from app.meta.phone_numbers import debug_token

from .conftest import SECRET, TOKEN, http, reset

MESSAGE = text_message("+919812345678", "Hello", "m1")

AFTER_IT_LEFT = {
    "reset": reset,
    "closed before the answer": lambda connection: None,
    "hangs": lambda connection: time.sleep(1),
    "no HTTP at all": lambda connection: connection.sendall(b"hello?\r\n\r\n"),
    "half a head": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half a body": lambda connection: connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"mess'),
    "hangs in the body": lambda connection: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        time.sleep(1),
    ),
    "broken chunks": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"
    ),
    "broken gzip": lambda connection: connection.sendall(http("200 OK", b"not gzip", "Content-Encoding: gzip")),
    "bare 500": lambda connection: connection.sendall(http("500 Oops")),
    "a proxy's page": lambda connection: connection.sendall(http("502 Bad Gateway", b"<html>nginx</html>")),
    "403 without a code": lambda connection: connection.sendall(http("403 Forbidden", b'{"error":{}}')),
    "200 with a page": lambda connection: connection.sendall(http("200 OK", b"<html>login</html>")),
    "200 with a list": lambda connection: connection.sendall(http("200 OK", b"[]")),
    "200 without a message": lambda connection: connection.sendall(http("200 OK", b'{"messages":[{}]}')),
    "307": lambda connection: connection.sendall(http("307 Moved", b"", "Location: /v26.0/1/messages")),
    "302": lambda connection: connection.sendall(http("302 Found", b"{}", "Location: /login")),
    "304": lambda connection: connection.sendall(http("304 Not Modified")),
}


@pytest.mark.parametrize("behave", AFTER_IT_LEFT.values(), ids=AFTER_IT_LEFT.keys())
def test_it_does_not_guess_once_the_request_has_left(behave, odd_server, connect):
    server = odd_server(behave)
    with pytest.raises(OutcomeUnknown) as caught:
        send(connect(server.url), "1", MESSAGE)
    assert caught.value.error_class is ErrorClass.OUTCOME_UNKNOWN
    assert caught.value.code == NO_ANSWER
    assert len(server.requests) == 1, "a message was posted twice"


def test_it_knows_that_a_refused_connection_sent_nothing(connect):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        send(connect(f"http://127.0.0.1:{port}"), "1", MESSAGE)
    assert (caught.value.code, caught.value.error_class) == (NOT_SENT, ErrorClass.TRANSIENT)


def test_it_knows_that_an_unknown_host_got_nothing(connect, monkeypatch):
    def no_such_host(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    with pytest.raises(NotSent):
        send(connect("http://graph.example"), "1", MESSAGE)


def test_it_knows_that_nothing_left_when_nobody_accepts(connect):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        crowd = [socket.socket() for _ in range(4)]
        for member in crowd:
            member.setblocking(False)
            member.connect_ex(listener.getsockname())
        with pytest.raises(NotSent):
            send(connect(f"http://127.0.0.1:{listener.getsockname()[1]}"), "1", MESSAGE)
        for member in crowd:
            member.close()


def test_it_sends_nothing_to_a_stranger_with_a_false_certificate(odd_server, connect, untrusted):
    server = odd_server(lambda connection: None, untrusted)
    with pytest.raises(NotSent):
        send(connect(server.url), "1", MESSAGE)
    assert server.requests == []


def test_it_does_not_guess_when_the_handshake_is_cut(odd_server, connect):
    server = odd_server(reset)
    with pytest.raises(OutcomeUnknown):
        send(connect(server.url.replace("http:", "https:")), "1", MESSAGE)


def test_it_reads_again_after_a_broken_answer(odd_server, connect):
    answers = iter([b"", http("500 Oops"), http("200 OK", b'{"id":"1"}')])
    server = odd_server(lambda connection: connection.sendall(next(answers)))
    assert connect(server.url).get("1") == {"id": "1"}
    assert len(server.requests) == 3


def test_it_stops_reading_again_in_the_end(odd_server, connect):
    server = odd_server(lambda connection: None)
    with pytest.raises(OutcomeUnknown):
        connect(server.url).get("1")
    assert len(server.requests) == 3


def test_it_does_not_read_again_when_the_time_is_used_up(odd_server, connect):
    server = odd_server(lambda connection: time.sleep(1))
    with pytest.raises(OutcomeUnknown):
        connect(server.url).get("1")
    assert len(server.requests) == 1


def test_it_ignores_the_machine_s_proxy_settings(odd_server, connect, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server = odd_server(lambda connection: connection.sendall(http("200 OK", b"{}")))
    assert connect(server.url).get("1") == {}


@pytest.mark.parametrize("path", ["refused", "reset"])
def test_it_keeps_its_secrets_when_the_network_fails(path, odd_server, connect, caplog):
    caplog.set_level("DEBUG")
    other = "EAAanotherToken"
    server = odd_server(reset)
    address = server.url if path == "reset" else "http://127.0.0.1:9"
    transport = connect(address, app_secret=SECRET)
    with pytest.raises(MetaFailure) as caught:
        debug_token(transport, other)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(transport) + caplog.text
    assert not any(secret in told for secret in (TOKEN, SECRET, other, "appsecret_proof="))
    assert caught.value.__context__ is None


def test_it_keeps_its_secrets_out_of_the_log_of_a_good_call(odd_server, connect, caplog):
    caplog.set_level("DEBUG")
    server = odd_server(lambda connection: connection.sendall(http("200 OK", b"{}")))
    debug_token(connect(server.url, app_secret=SECRET), "EAAanotherToken")
    assert b"EAAanotherToken" in server.requests[0]
    assert "EAAanotherToken" not in caplog.text
    assert "appsecret_proof" not in caplog.text
