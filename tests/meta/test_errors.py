"""Every code of Meta's has a class and plain words; unknown ones too."""

import pytest

from app.meta.errors import NO_ANSWER, NOT_SENT, MetaError, NotSent, OutcomeUnknown, meaning_of
from app.meta.errors import ErrorClass as Is

CLASSES = {
    Is.THROTTLED: [4, 80007, 80009, 80014, 130429, 131056, 132069, 136024],
    Is.TRANSIENT: [NOT_SENT, 1, 2, 131000, 131016, 131057, 133004, 134101],
    Is.CUSTOMER: [130497, 130403, 130472, 131021, 131026, 131030, 131047, 131049, 131050, 131062, 137000],
    Is.PAYLOAD: [100, 803, 2046, 2047, 131008, 131009, 131051, 131052, 131053, 132000, 132005, 132008, 132012]
    + [132018, 135000, 147001, 147002, 147003, 147004, 147005, 200005, 200006, 200007, 1752041, 2388019]
    + [2388024, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299],
    Is.TEMPLATE: [131055, 131061, 131065, 132001, 132007, 132015, 132016, 132068, 134100],
    Is.ACCOUNT: [33, 368, 131031, 131037, 131042, 131044, 131045, 131048, 131063, 131064, 133000]
    + [133005, 133006, 133008, 133009, 133010, 133015, 133016, 134011, 134102],
    Is.AUTH: [0, 3, 10, 190, 131005, 200, 210, 299],
    Is.OUTCOME_UNKNOWN: [NO_ANSWER],
}
CODES = [(code, error_class) for error_class, codes in CLASSES.items() for code in codes]


@pytest.mark.parametrize(("code", "error_class"), CODES)
def test_it_knows_every_code(code, error_class):
    meaning = meaning_of(code)
    assert (meaning.code, meaning.error_class) == (code, error_class)
    assert meaning.sentence.endswith(".")
    assert meaning.hint.endswith(".")
    assert "do not know" not in meaning.sentence


@pytest.mark.parametrize("code", [999999, 131999, -77, 300])
def test_it_says_so_when_it_does_not_know_a_code(code):
    meaning = meaning_of(code)
    assert str(code) in meaning.sentence
    assert meaning.error_class is Is.PAYLOAD


def test_it_has_words_for_a_failure_without_a_code():
    assert "without giving a code" in meaning_of(None).sentence


def test_it_gives_each_failure_its_meaning():
    assert NotSent("x").meaning == meaning_of(NOT_SENT)
    assert OutcomeUnknown("x").meaning == meaning_of(NO_ANSWER)
    assert MetaError(131026).meaning == meaning_of(131026)
    assert MetaError(100, 99).meaning == meaning_of(100)
