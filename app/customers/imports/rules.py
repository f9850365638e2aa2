"""The rules that hold for every row of a file: read from what people send, refused where they make no sense."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from app.auth import workspace
from app.customers.imports.cells import LONGEST_TAG, MOST_TAGS
from app.customers.service.people import tags_in
from app.shared.errors import Invalid

UPDATE, FILL, SKIP = "update", "fill", "skip"
LONGEST_WORDING = 1000


def check_names(rules: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse rules that this kind of import does not have."""
    for name in rules:
        if name not in known:
            raise Invalid("This kind of import has no such rule.", f"rules.{name}")


def check_region(rules: Mapping[str, Any]) -> None:
    """The country of numbers written without one, by its ISO code; the workspace's when nobody says."""
    region = rules.get("region")
    if region is not None and (not isinstance(region, str) or region not in SUPPORTED_REGIONS):
        raise Invalid("Name the country by its two letters, such as IN.", "rules.region")


def check_existing(rules: Mapping[str, Any], allowed: Collection[str] = (UPDATE, FILL, SKIP)) -> None:
    """What becomes of what is known already."""
    if rules.get("existing", UPDATE) not in allowed:
        raise Invalid(f"Choose one of: {', '.join(allowed)}.", "rules.existing")


def check_tags(rules: Mapping[str, Any]) -> None:
    """The tags for everybody in the file."""
    tags = rules.get("tags")
    if tags is None:
        return
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Invalid("Tags are a list of words.", "rules.tags")
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise Invalid(f"Name at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters.", "rules.tags")


def check_consent(mapping: Mapping[str, str], rules: Mapping[str, Any]) -> None:
    """Who agreed: those whose column says so, everybody by these words, or nobody."""
    consent = rules.get("consent")
    if consent is None:
        return
    if not isinstance(consent, dict) or len(consent) != 1 or not {"column", "wording"} & set(consent):
        raise Invalid("Say which column holds the consent, or with which words these people agreed.", "rules.consent")
    if "wording" in consent:
        _check_wording(consent["wording"])
        if "consent" in mapping.values():
            raise Invalid("A column says who agreed; it cannot be everybody as well.", "rules.consent")
    elif not isinstance(consent["column"], str) or not consent["column"].isascii() or not consent["column"].isdecimal():
        raise Invalid("Choose the column that says who agreed.", "rules.consent")
    elif {index for index, field in mapping.items() if field == "consent"} - {consent["column"]}:
        raise Invalid("Another column is mapped to the consent.", "rules.consent")


def _check_wording(wording: object) -> None:
    if not isinstance(wording, str) or not wording.strip():
        raise Invalid("Write down what these people agreed to.", "rules.consent")
    if len(wording) > LONGEST_WORDING:
        raise Invalid(f"Keep the wording within {LONGEST_WORDING:,} characters.", "rules.consent")


def region_of(rules: Mapping[str, Any]) -> str:
    """The country of numbers written without one."""
    return str(rules.get("region") or workspace.current().default_region)


def existing_of(rules: Mapping[str, Any]) -> str:
    """What becomes of what is known already: UPDATE, FILL or SKIP."""
    return str(rules.get("existing", UPDATE))


def tags_of(rules: Mapping[str, Any]) -> list[str]:
    """The tags for everybody, as tags are kept."""
    return tags_in(",".join(rules.get("tags") or ()))


def consent_column(mapping: Mapping[str, str], rules: Mapping[str, Any]) -> int | None:
    """The column that says who agreed; None when none does."""
    said = (rules.get("consent") or {}).get("column")
    found = said if said is not None else next((index for index, field in mapping.items() if field == "consent"), None)
    return None if found is None else int(found)


def consent_wording(rules: Mapping[str, Any]) -> str | None:
    """With which words everybody agreed; None when a column says it, or nobody does."""
    wording: str | None = (rules.get("consent") or {}).get("wording")
    return wording
