"""What Meta says of a phone number, of the business account it belongs to, and of an access token."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.meta.foreign import items, mapping, moment, sequence, text
from app.meta.transport import Transport

# Unique customers in a rolling 24 hours; None means no limit. TIER_1K and TIER_50 are older names, still met.
TIER_LIMITS: dict[str, int | None] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
    "UNTIERED": None,
}

PHONE_FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,status,name_status,throughput,health_status,"
    "whatsapp_business_manager_messaging_limit"
)
WABA_FIELDS = "id,name,currency,timezone_id,account_review_status,business_verification_status,health_status"


@dataclass(frozen=True)
class PhoneNumber:
    """A number as Meta describes it, in Meta's own words; what Meta left out is None.

    `health` is AVAILABLE, LIMITED or BLOCKED, `health_problems` the sentences that say why.
    `messaging_limit_tier` is a key of TIER_LIMITS, or one that Meta made up since.
    """

    id: str
    display_phone_number: str | None
    verified_name: str | None
    quality_rating: str | None
    status: str | None
    name_status: str | None
    throughput_level: str | None
    messaging_limit_tier: str | None
    health: str | None
    health_problems: tuple[str, ...]


@dataclass(frozen=True)
class BusinessAccount:
    """A WhatsApp business account (WABA) in Meta's own words; what Meta left out is None."""

    id: str
    name: str | None
    currency: str | None
    timezone_id: str | None
    review_status: str | None
    verification_status: str | None
    health: str | None
    health_problems: tuple[str, ...]


@dataclass(frozen=True)
class TokenFacts:
    """What Meta knows of a token; `expires_at` is None when it does not expire."""

    is_valid: bool
    app_id: str | None
    type: str | None
    expires_at: datetime | None
    scopes: tuple[str, ...]


def read_phone_number(transport: Transport, phone_id: str) -> PhoneNumber:
    """The number with this phone number id."""
    return _phone_number(transport.get(phone_id, {"fields": PHONE_FIELDS}), phone_id)


def list_phone_numbers(transport: Transport, waba_id: str) -> Iterator[PhoneNumber]:
    """Every number of the business account."""
    for node in transport.get_items(f"{waba_id}/phone_numbers", {"fields": PHONE_FIELDS}):
        yield _phone_number(node, text(node.get("id")) or "")


def read_waba(transport: Transport, waba_id: str) -> BusinessAccount:
    """The business account with this id."""
    node = transport.get(waba_id, {"fields": WABA_FIELDS})
    return BusinessAccount(
        text(node.get("id")) or waba_id,
        text(node.get("name")),
        text(node.get("currency")),
        text(node.get("timezone_id")),
        text(node.get("account_review_status")),
        text(node.get("business_verification_status")),
        *_health(node),
    )


def app_token(app_id: str, app_secret: str) -> str:
    """The token by which an app speaks for itself; a Transport with it may examine any token the app gave out."""
    return f"{app_id}|{app_secret}"


def debug_token(transport: Transport, token: str) -> TokenFacts:
    """What Meta knows of this token, asked with the transport's own: the same one, or an `app_token`."""
    data = mapping(transport.get("debug_token", {"input_token": token}).get("data"))
    return TokenFacts(
        data.get("is_valid") is True,
        text(data.get("app_id")),
        text(data.get("type")),
        moment(data.get("expires_at")),
        tuple(filter(None, map(text, sequence(data.get("scopes"))))),
    )


def _phone_number(node: Mapping[str, object], phone_id: str) -> PhoneNumber:
    return PhoneNumber(
        text(node.get("id")) or phone_id,
        text(node.get("display_phone_number")),
        text(node.get("verified_name")),
        text(node.get("quality_rating")),
        text(node.get("status")),
        text(node.get("name_status")),
        text(mapping(node.get("throughput")).get("level")),
        text(node.get("whatsapp_business_manager_messaging_limit")),
        *_health(node),
    )


def _health(node: Mapping[str, object]) -> tuple[str | None, tuple[str, ...]]:
    status = mapping(node.get("health_status"))
    errors = (error for entity in items(status.get("entities")) for error in items(entity.get("errors")))
    sentences = (text(error.get("error_description")) or text(error.get("message")) for error in errors)
    return text(status.get("can_send_message")), tuple(dict.fromkeys(filter(None, sentences)))
