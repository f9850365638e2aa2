"""Whom a campaign is for, in words; and everybody it leaves out, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.auth import workspace
from app.campaigns import words
from app.campaigns.models import Campaign, TargetType, WhenCapped
from app.campaigns.queries import people, reach, targets
from app.campaigns.queries.rehearsal import Rehearsal
from app.customers.segments import sentences
from app.messaging.models import SkipReason
from app.shared.errors import Invalid, Refused

_OF_MARKETING = (SkipReason.OPTED_OUT, SkipReason.NO_CONSENT, SkipReason.SUPPRESSED, SkipReason.US_MARKETING)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """So many are left out for a reason; `in_rows` of them are skipped recipients, `outside` are no recipients."""

    reason: str
    sentence: str
    count: int
    in_rows: int
    outside: int


def sentence(campaign: Campaign) -> str:
    """Whom it is for."""
    query = campaign.segment_query
    try:
        match campaign.target_type:
            case TargetType.TAG:
                return f"Customers with the tag “{query.get('tag', '')}”"
            case TargetType.SEGMENT if "query" not in query:
                return f"The segment “{query.get('name', '')}”"
            case TargetType.SEGMENT:
                return sentences.sentence(targets.conditions(query))
            case TargetType.RESPONDERS:
                return sentences.sentence(targets.responders(query.get("response"), query.get("campaigns")))
    except Invalid as error:
        return str(error)
    if campaign.import_ is not None:
        return campaign.import_.file_name
    return words.AUDIENCES[campaign.target_type] if campaign.target_type else "Not chosen yet"


def exclusions(campaign: Campaign, judged: Rehearsal) -> list[Exclusion]:
    """Everybody who is left out, each reason that can apply with its number, also when that is 0."""
    rows = {group.key: group.count for group in people.skip_groups(campaign)}
    outside = _outside(campaign)
    counts = Counter({str(reason): count for reason, count in judged.skips.items()}) + Counter(rows) + Counter(outside)
    reasons = [reason for reason in SkipReason if counts[reason] or reason in _applying(campaign)]
    return [
        Exclusion(reason, words.SKIPS[reason].sentence, counts[reason], rows.get(reason, 0), outside.get(reason, 0))
        for reason in reasons
        if reason in words.SKIPS and reason is not SkipReason.CANCELLED
    ]


def _applying(campaign: Campaign) -> set[SkipReason]:
    found = {SkipReason.NO_ADDRESS, SkipReason.DUPLICATE}
    if campaign.template_variables:
        found.add(SkipReason.MISSING_VARIABLE)
    if campaign.template is not None and campaign.template.is_marketing:
        found.update(_OF_MARKETING)
        if workspace.current().marketing_cap is not None and campaign.when_capped is WhenCapped.SKIP:
            found.add(SkipReason.FREQUENCY_CAP)
    return found - ({SkipReason.NO_CONSENT} if campaign.target_type is TargetType.IMPORTED else set())


def _outside(campaign: Campaign) -> Mapping[str, int]:
    """Of all customers, or all with the tag, those who never became recipients for they may get no marketing."""
    if campaign.target_type not in (TargetType.ALL, TargetType.TAG):
        return {}
    try:
        found = reach.of(targets.circle(campaign.target_type, campaign.segment_query))
    except (Invalid, Refused):
        return {}
    reasons = (SkipReason.OPTED_OUT, SkipReason.NO_CONSENT, SkipReason.SUPPRESSED)
    return dict(zip(reasons, (found.said_no, found.unasked, found.suppressed), strict=True))
