"""The pages of campaigns: the list, a campaign, the wizard's steps, deeds, rates. Ask it for `bp`."""

from app.campaigns.routes import deeds, index, rates, recipients, review, show, template_use, trial, variables, wizard
from app.campaigns.routes.blueprint import bp

__all__ = [
    "bp",
    "deeds",
    "index",
    "rates",
    "recipients",
    "review",
    "show",
    "template_use",
    "trial",
    "variables",
    "wizard",
]
