"""Words as WhatsApp shows them: *bold*, _italic_, ~struck~, ```typewriter```, links."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup, escape

TYPEWRITER = re.compile(r"```(.+?)```", re.DOTALL)
LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")
# A mark counts where it hugs its words and stands apart from those around.
MARKS = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*[^\s*])\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]*[^\s_])_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]*[^\s~])~(?![\w~])"), "s"),
    (re.compile(r"(?<![\w`])`(?=\S)([^`\n]*[^\s`])`(?![\w`])"), "code"),
)
SIGNS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}


def formatted(text: str) -> Markup:
    """The text with its marks turned into elements, everything else escaped."""
    return Markup().join(_with_typewriter(text))


def _with_typewriter(text: str) -> Iterator[Markup]:
    for place, part in enumerate(TYPEWRITER.split(text)):
        yield Markup("<code>{}</code>").format(part) if place % 2 else Markup().join(_with_links(part))


def _with_links(text: str) -> Iterator[Markup]:
    for place, part in enumerate(LINK.split(text)):
        if place % 2:
            yield Markup('<a href="{0}" target="_blank" rel="noreferrer">{0}</a>').format(part)
        else:
            yield _marked(part)


def _marked(text: str) -> Markup:
    marked = str(escape(text))
    for pattern, element in MARKS:
        marked = pattern.sub(rf"<{element}>\1</{element}>", marked)
    return Markup(marked)  # escaped above; the elements are ours


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency's sign; no decimals where there are none."""
    text = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"{SIGNS.get(currency, currency + ' ')}{text}"


def clock(moment: float) -> str:
    """The time, with the day when it is not today's."""
    at = datetime.fromtimestamp(moment).astimezone()
    is_today = at.date() == datetime.now().astimezone().date()
    return at.strftime("%H:%M" if is_today else "%d %b, %H:%M")


def exact(moment: float) -> str:
    """The moment to the second, with its zone."""
    return datetime.fromtimestamp(moment).astimezone().strftime("%d %b %Y, %H:%M:%S %Z")
