"""What all messages of one campaign share, read once per tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.auth import workspace
from app.campaigns.models import Campaign, TargetType, WhenCapped
from app.campaigns.windows import hours_of
from app.customers.service import suppression
from app.messaging.engine import gate
from app.meta.components import CompiledTemplate, compile_template


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign as the claim needs it. `limit` is how many customers may be written to in 24 hours; `zone` is ours."""

    campaign_id: int
    channel_id: int
    portfolio_id: str
    template: CompiledTemplate
    template_name: str
    language: str
    category: str
    by_marketing_service: bool
    has_attested_consent: bool
    variables: Mapping[str, Mapping[str, str]]
    rules: gate.Rules
    salt: str  # of suppressed addresses
    limit: int | None
    zone: str

    @property
    def home(self) -> ZoneInfo:
        """Where those live of whom we know nothing better."""
        return ZoneInfo(self.zone)

    @property
    def lookback(self) -> timedelta:
        """How far back it matters what somebody was sent."""
        has_cap = self.rules.cap is not None and self.category == gate.MARKETING
        return gate.WEEK if has_cap else gate.PAIR


def plan_of(campaign: Campaign, limit: int | None, zone: str) -> Plan:
    """The campaign's plan; its template must be there (a launch checks that)."""
    template = campaign.template
    assert template is not None
    return Plan(
        campaign_id=campaign.id,
        channel_id=campaign.channel_id,
        portfolio_id=campaign.channel.portfolio_id,
        template=compile_template(template.components, template.parameter_format),
        template_name=template.name,
        language=template.language,
        category=template.category,
        by_marketing_service=campaign.channel.uses_marketing_service and template.is_marketing,
        has_attested_consent=campaign.target_type is TargetType.IMPORTED,
        variables=dict(campaign.template_variables),
        rules=rules_of(campaign),
        salt=suppression.salt(),
        limit=limit,
        zone=zone,
    )


def rules_of(campaign: Campaign) -> gate.Rules:
    """How strict the gate is for this campaign."""
    here = workspace.current()
    return gate.Rules(
        hours=hours_of(campaign),
        cap=here.marketing_cap,
        waits_when_capped=campaign.when_capped is WhenCapped.WAIT,
        spares_only_us=here.spares_only_us_area_codes,
        pair=gate.PAIR,
    )
