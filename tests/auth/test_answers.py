"""What every answer has: headers, error pages, static files."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.auth.banners import Banner
from app.shared.errors import Invalid, Missing, Refused
from tests.factories import login


def test_it_hardens_every_answer(client, cast):
    for path in ("/login", "/no-such-page"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; img-src 'self' data:;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_it_promises_tls_only_behind_tls(app, client, cast, monkeypatch):
    assert "Strict-Transport-Security" not in client.get("/login").headers
    secure = replace(app.extensions["bulbul_config"], public_url="https://bulbul.example")
    monkeypatch.setitem(app.extensions, "bulbul_config", secure)
    assert "max-age=31536000" in client.get("/login").headers["Strict-Transport-Security"]


def test_it_shows_no_inline_script_or_style(client, cast):
    page = login(client, cast.alice).get("/team").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page)


@pytest.fixture
def answer_to(app):
    """How the house answers an exception under a path."""

    def answer(path, error):
        with app.test_request_context(path):
            app.preprocess_request()
            return app.make_response(app.handle_user_exception(error))

    return answer


REFUSALS = [(Missing("No such goat."), 404), (Refused("The goat is asleep."), 409), (Invalid("Goats count not."), 422)]


@pytest.mark.parametrize(("error", "status"), REFUSALS)
def test_it_tells_people_why(answer_to, cast, error, status):
    answer = answer_to("/goats", error)
    assert answer.status_code == status
    assert str(error) in answer.get_data(as_text=True)


@pytest.mark.parametrize(("error", "status"), REFUSALS)
def test_it_tells_programs_why(answer_to, cast, error, status):
    answer = answer_to("/api/goats", error)
    assert (answer.status_code, answer.json["error"]["message"]) == (status, str(error))


def test_it_names_the_field_for_programs(answer_to, cast):
    answer = answer_to("/api/goats", Invalid("Too many legs.", "legs"))
    assert answer.json["error"] == {
        "code": "invalid",
        "message": "Too many legs.",
        "fields": {"legs": ["Too many legs."]},
    }


def test_it_answers_a_wrong_path_of_the_api_in_json(client, cast):
    answer = client.get("/api/no-such-thing")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_it_shows_a_page_when_something_breaks(app, client, cast, monkeypatch):
    monkeypatch.setitem(app.view_functions, "auth.login", lambda: 1 / 0)
    answer = client.get("/login")
    assert answer.status_code == 500
    assert "Something broke on our side." in answer.text
    assert "division" not in answer.text


def test_it_shows_banners_that_have_something_to_say(app, client, cast, monkeypatch):
    banner = Banner("No worker runs.", level="danger", url="/jobs", action="See the jobs")
    monkeypatch.setitem(app.extensions, "banners", [lambda: None, lambda: banner])
    page = login(client, cast.alice).get("/account").text
    assert page.count("alert-danger") == 1
    assert "No worker runs." in page


def test_it_says_that_the_sandbox_stands_in(client, cast):
    assert "Sandbox: nothing leaves this machine" in login(client, cast.alice).get("/account").text


def test_it_lets_browsers_keep_static_files_under_a_name_of_their_content(client, cast):
    address = re.search(r"/static/app\.css\?v=\w{10}", client.get("/login").text)[0]
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=31536000, public"
