"""What can go wrong with Meta, in classes to act on and in words for people."""

from dataclasses import dataclass
from enum import StrEnum

from app.meta.error_table import PERMISSION_RANGE, PERMISSION_WORDS, ROWS, UNKNOWN_WORDS

NOT_SENT = -1
NO_ANSWER = -2


class ErrorClass(StrEnum):
    """What to do about an error."""

    THROTTLED = "throttled"  # too fast: the same request later
    TRANSIENT = "transient"  # a passing trouble: the same request again
    CUSTOMER = "customer"  # this customer cannot have this message, others can
    PAYLOAD = "payload"  # the request is wrong and would be refused again
    TEMPLATE = "template"  # nobody can get this template now
    ACCOUNT = "account"  # the number or the business account may not send now
    AUTH = "auth"  # the token is not valid or lacks a permission
    OUTCOME_UNKNOWN = "outcome_unknown"  # it may have arrived: never resend by itself


@dataclass(frozen=True)
class ErrorMeaning:
    """One error code in plain words: what happened (`sentence`) and what helps (`hint`)."""

    code: int | None
    error_class: ErrorClass
    sentence: str
    hint: str


MEANINGS: dict[int, ErrorMeaning] = {
    code: ErrorMeaning(code, ErrorClass(error_class), sentence, hint)
    for error_class, rows in ROWS.items()
    for code, sentence, hint in rows
}


def meaning_of(code: int | None) -> ErrorMeaning:
    """What a code of Meta's, or NOT_SENT or NO_ANSWER, means; any other number gets a meaning too.

    An unknown code counts as PAYLOAD: it is not retried, and many of them stop a campaign.
    """
    if code is None:
        return ErrorMeaning(None, ErrorClass.PAYLOAD, "Meta refused this without giving a code.", UNKNOWN_WORDS[1])
    if code in MEANINGS:
        return MEANINGS[code]
    if code in PERMISSION_RANGE:
        return ErrorMeaning(code, ErrorClass.AUTH, *PERMISSION_WORDS)
    sentence = f"Meta refused this with the code {code}, which we do not know."
    return ErrorMeaning(code, ErrorClass.PAYLOAD, sentence, " ".join(UNKNOWN_WORDS))


class MetaFailure(Exception):
    """A call did not do what it should; catch this where refused, unreachable, unclear are all the same."""

    code: int

    @property
    def meaning(self) -> ErrorMeaning:
        return meaning_of(self.code)

    @property
    def error_class(self) -> ErrorClass:
        return self.meaning.error_class


class MetaError(MetaFailure):
    """Meta refused, by an error envelope with a code: the request definitely had no effect."""

    def __init__(
        self,
        code: int,
        subcode: int | None = None,
        message: str = "",
        details: str | None = None,
        http_status: int | None = None,
        fbtrace_id: str | None = None,
    ) -> None:
        self.code, self.subcode, self.message, self.details = code, subcode, message, details
        self.http_status, self.fbtrace_id = http_status, fbtrace_id
        super().__init__(f"Meta refused ({code}): {' — '.join(filter(None, (message, details)))}")

    @property
    def meaning(self) -> ErrorMeaning:
        """The subcode's meaning where we know it, for it says more than its code (100)."""
        return MEANINGS[self.subcode] if self.subcode in MEANINGS else meaning_of(self.code)


class NotSent(MetaFailure):
    """The request never left: no address, no connection, or a certificate we do not trust."""

    code = NOT_SENT

    def __init__(self, reason: str) -> None:
        super().__init__(f"Meta could not be reached: {reason}")


class OutcomeUnknown(MetaFailure):
    """The request left and no clear answer came: it may have been carried out or not."""

    code = NO_ANSWER

    def __init__(self, reason: str, http_status: int | None = None) -> None:
        self.http_status = http_status
        super().__init__(f"Meta gave no clear answer: {reason}")
