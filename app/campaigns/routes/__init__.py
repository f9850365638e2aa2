"""The pages of campaigns: the list, a campaign, the wizard's steps, deeds, rates. Ask it for `bp`."""

from app.campaigns.routes import (
    decisions,
    deeds,
    index,
    limit,
    people,
    rates,
    recipients,
    review,
    schedule,
    sending,
    show,
    targets,
    template_use,
    trial,
    variables,
    wizard,
)
from app.campaigns.routes.blueprint import bp

__all__ = [
    "bp",
    "decisions",
    "deeds",
    "index",
    "limit",
    "people",
    "rates",
    "recipients",
    "review",
    "schedule",
    "sending",
    "show",
    "targets",
    "template_use",
    "trial",
    "variables",
    "wizard",
]
