from __future__ import annotations

from datetime import timedelta

import pytest

from app.auth.devices import device_name
from app.auth.models import DeviceSession
from app.extensions import db
from app.shared.clock import now
from tests.auth.conftest import BROWSER
from tests.factories import login


def _logged_in(client) -> bool:
    return client.get("/account").status_code == 200


def _session_of(user) -> DeviceSession:
    return db.session.query(DeviceSession).filter_by(user_id=user.id).order_by(DeviceSession.id.desc()).first()


def test_it_gives_every_login_a_row_of_its_own(client, phone, cast):
    login(client, cast.alice)
    login(phone, cast.alice)
    assert db.session.query(DeviceSession).filter_by(user_id=cast.alice.id).count() == 2


def test_it_keeps_no_token_that_would_open_the_door(client, cast):
    login(client, cast.alice)
    with client.session_transaction() as cookie:
        assert cookie["device"] not in _session_of(cast.alice).token_hash


def test_it_marks_this_device_and_names_it(client, cast):
    client.environ_base = client.environ_base | {"HTTP_USER_AGENT": BROWSER}
    login(client, cast.alice)
    page = client.get("/account").text
    assert "Firefox on Windows" in page
    assert page.count("This one") == 1


def test_it_ends_a_revoked_session_at_its_next_request(client, phone, cast):
    login(client, cast.alice)
    login(phone, cast.alice)
    client.post(f"/account/sessions/{_session_of(cast.alice).public_id}/revoke")
    assert not _logged_in(phone)
    assert _logged_in(client)


def test_it_ends_all_others_at_once(app, client, cast):
    others = [login(app.test_client(), cast.alice) for _ in range(2)]
    login(client, cast.alice)
    client.post("/account/sessions/revoke-others")
    assert [_logged_in(other) for other in others] == [False, False]
    assert _logged_in(client)


def test_it_leaves_other_peoples_sessions_alone(client, phone, cast):
    login(phone, cast.bob)
    login(client, cast.alice)
    assert client.post(f"/account/sessions/{_session_of(cast.bob).public_id}/revoke").status_code == 404
    assert _logged_in(phone)


def test_it_ends_after_14_days_unseen(client, cast):
    login(client, cast.alice)
    session = _session_of(cast.alice)
    assert timedelta(days=13, hours=23) < session.expires_at - now() <= timedelta(days=14)
    session.expires_at = now() - timedelta(seconds=1)
    db.session.commit()
    assert not _logged_in(client)


def test_it_lives_on_while_it_is_seen(client, cast):
    login(client, cast.alice)
    session = _session_of(cast.alice)
    session.last_seen_at, session.expires_at = now() - timedelta(days=10), now() + timedelta(days=4)
    db.session.commit()
    assert _logged_in(client)
    db.session.expire_all()
    assert session.expires_at > now() + timedelta(days=13)


def test_it_writes_down_that_it_was_seen_at_most_once_a_minute(client, cast):
    login(client, cast.alice)
    session = _session_of(cast.alice)
    session.last_seen_at = seen = now() - timedelta(seconds=50)
    db.session.commit()
    _logged_in(client)
    db.session.expire_all()
    assert session.last_seen_at == seen


def test_it_logs_out_by_post_only(client, cast):
    login(client, cast.alice)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").location == "/login"
    assert not _logged_in(client)
    assert _session_of(cast.alice).revoked_at is not None


def test_it_ends_a_stolen_cookie_with_the_logout(app, client, cast):
    login(client, cast.alice)
    stolen = app.test_client()
    stolen.set_cookie("bulbul", client.get_cookie("bulbul").value)
    assert _logged_in(stolen)
    client.post("/logout")
    assert not _logged_in(stolen)


def test_it_hides_the_cookie_from_scripts_and_strangers(client, cast):
    answer = client.post("/login", data={"email": cast.alice.email, "password": "correct horse battery"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie


SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (BROWSER, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (CHROME, "Chrome on Android"),
        (CHROME + " Edg/140.0", "Edge on Android"),
        ("curl/8.9.1", "curl"),
        ("", "Unknown device"),
    ],
)
def test_it_names_devices(user_agent, name):
    assert device_name(user_agent) == name
