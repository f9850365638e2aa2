"""Only who has the app secret can sign a webhook."""

import pytest

from app.meta.signature import is_valid, sign

BODY = b'{"text":"caf\\u00e9 \\/"}'


def test_it_signs_as_meta_does():
    # The example of RFC 4231, test case 2.
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign("Jefe", b"what do ya want for nothing?") == f"sha256={known}"


def test_it_accepts_its_own_signature_over_the_raw_bytes_only():
    assert is_valid("secret", BODY, sign("secret", BODY))
    assert not is_valid("secret", BODY.replace(b"\\/", b"/"), sign("secret", BODY))
    assert not is_valid("other", BODY, sign("secret", BODY))


@pytest.mark.parametrize(
    "header", [None, "", "sha256=", "sha256", sign("secret", BODY)[7:], "sha256=ä", "sha1=abc", "\ud800"]
)
def test_it_refuses_odd_headers(header):
    assert not is_valid("secret", BODY, header)


def test_it_trusts_nobody_without_a_secret():
    assert not is_valid("", BODY, sign("", BODY))
