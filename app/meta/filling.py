"""The components of a template send: for each part of the definition, the values it wants and what becomes of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.meta import parameters as put
from app.meta.definition import MEDIA, Component, Definition, TemplateVariable, type_of
from app.meta.foreign import text
from app.meta.parameters import Parameter, Put, Values
from app.meta.placeholders import clean, names_in
from app.meta.samples import button_sample, media_sample, text_samples

MAX_PRODUCT_CARDS = 10
CODE_PAGE = "https://www.whatsapp.com/otp/"

Build = Callable[[Values], Parameter | None]


@dataclass(frozen=True, slots=True)
class Filling:
    """One component of a send: the values it wants, those it may have, and how it is built of them.

    `build` raises MissingValue for the first value that is missing or unusable; None leaves the component out.
    """

    variables: tuple[TemplateVariable, ...]
    options: tuple[TemplateVariable, ...]
    build: Build


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part stands: the beginning of its keys ("" or "card.0."), its card, and whether variables have names."""

    prefix: str
    card: int | None
    named: bool

    def variable(self, part: str, name: str, kind: str, sample: str | None = None, key: str = "") -> TemplateVariable:
        return TemplateVariable(f"{self.prefix}{key or f'{part}.{name}'}", part, name, kind, sample, self.card)


def fillings_of(definition: Definition, named: bool) -> tuple[Filling, ...]:
    """Every component of a send, in the order in which Meta lists them."""
    place = _Place("", None, named)
    found = [*_header(definition, place), *_body(definition, place), *_offer(definition, place)]
    if definition.cards:
        found.append(_carousel(definition.cards, named))
    return (*found, *_buttons(definition, place))


def _component(
    head: Parameter,
    variables: Sequence[TemplateVariable],
    puts: Sequence[Put],
    options: Sequence[TemplateVariable] = (),
) -> Filling:
    def build(values: Values) -> Parameter:
        return {**head, "parameters": [one(values) for one in puts]}

    return Filling(tuple(variables), tuple(options), build)


def _header(definition: Definition, place: _Place) -> Iterator[Filling]:
    form, header = definition.header_format, definition.header
    if form == "text":
        yield from _words(header, "header", place)
    elif form in MEDIA:
        media = place.variable("header", "media", form, media_sample(header))
        filename = place.variable("header", "filename", "filename") if form == "document" else None
        yield _component({"type": "header"}, [media], [put.media(media, filename)], [filename] if filename else [])
    elif form == "location":
        gaps = [place.variable("header", name, kind) for name, kind in put.LOCATION]
        yield _component({"type": "header"}, gaps, [put.location(gaps)])
    elif form == "product":
        yield _product(place)


def _product(place: _Place) -> Filling:
    """The cards of a carousel show one catalog: those after the first need not name it again."""
    sku = place.variable("header", "product_retailer_id", "product")
    catalog = place.variable("header", "catalog_id", "catalog")
    if not place.card:
        return _component({"type": "header"}, [sku, catalog], [put.product(sku.key, catalog.key)])
    wrap = put.product(sku.key, catalog.key, "card.0.header.catalog_id")
    return _component({"type": "header"}, [sku], [wrap], [catalog])


def _body(definition: Definition, place: _Place) -> Iterator[Filling]:
    hands_over_code = any(_is_code(button) for button in definition.buttons)
    if hands_over_code and not names_in(text(definition.body.get("text")) or ""):
        # The words around the code are Meta's own and not always told.
        code = place.variable("body", "1", "text")
        yield _component({"type": "body"}, [code], [put.words(code, named=False)])
    else:
        yield from _words(definition.body, "body", place)


def _words(component: Component, part: str, place: _Place) -> Iterator[Filling]:
    names = names_in(text(component.get("text")) or "")
    if not place.named:
        names = sorted((name for name in names if name.isdigit()), key=int)
    samples = text_samples(component, part)
    gaps = [place.variable(part, name, "text", samples.get(name)) for name in names]
    if gaps:
        yield _component({"type": part}, gaps, [put.words(gap, place.named) for gap in gaps])


def _offer(definition: Definition, place: _Place) -> Iterator[Filling]:
    if definition.offer.get("has_expiration") is True:
        gap = place.variable("offer", "expiration", "expiration", key="limited_time_offer.expiration")
        yield _component({"type": "limited_time_offer"}, [gap], [put.expiration(gap.key)])


def _carousel(cards: Sequence[Definition], named: bool) -> Filling:
    """All cards in one component. Those of products may be more at sending than the template was made with."""
    spare = MAX_PRODUCT_CARDS - len(cards) if all(card.header_format == "product" for card in cards) else 0
    filled = [_card(card, index, named) for index, card in enumerate(cards)]
    more = [_card(cards[-1], index, named) for index in range(len(cards), len(cards) + max(spare, 0))]

    def build(values: Values) -> Parameter:
        wanted = [card for card in more if any(clean(values.get(gap.key)) for gap in card.variables)]
        built = [card.build(values) for card in (*filled, *wanted)]
        return {"type": "carousel", "cards": [{"card_index": i, **(card or {})} for i, card in enumerate(built)]}

    variables = [gap for card in filled for gap in card.variables]
    options = [gap for card in filled for gap in card.options]
    options += [gap for card in more for gap in (*card.variables, *card.options)]
    return Filling(tuple(variables), tuple(options), build)


def _card(card: Definition, index: int, named: bool) -> Filling:
    place = _Place(f"card.{index}.", index, named)
    parts = [*_header(card, place), *_body(card, place), *_buttons(card, place)]

    def build(values: Values) -> Parameter:
        return {"components": [built for part in parts if (built := part.build(values))]}

    variables = (gap for part in parts for gap in part.variables)
    return Filling(tuple(variables), tuple(gap for part in parts for gap in part.options), build)


def _buttons(definition: Definition, place: _Place) -> Iterator[Filling]:
    for index, button in enumerate(definition.buttons):
        if fill := BUTTONS.get("OTP" if _is_code(button) else type_of(button)):
            yield from fill(index, button, place)


def _is_code(button: Component) -> bool:
    """A button that hands over a one-time code: Meta gives it back as the address it made of it."""
    return type_of(button) == "OTP" or (text(button.get("url")) or "").startswith(CODE_PAGE)


def _head(index: int, sub_type: str) -> Parameter:
    return {"type": "button", "sub_type": sub_type, "index": str(index)}


def _url(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    if names_in(text(button.get("url")) or ""):
        gap = place.variable("button", "1", "url_suffix", button_sample(button), f"button.{index}.1")
        yield _component(_head(index, "url"), [gap], [put.words(gap, named=False)])


def _copy_code(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    gap = place.variable("button", "code", "coupon_code", button_sample(button), f"button.{index}.code")
    yield _component(_head(index, "copy_code"), [gap], [put.coupon_code(gap.key)])


def _otp(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    """The code stands in the text already; the button takes the same."""
    code = place.variable("body", "1", "text")
    yield _component(_head(index, "url"), [], [put.words(code, named=False)])


def _quick_reply(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    """Without a payload Meta sends the button's label back, so that the component may be left out."""
    gap = place.variable("button", "payload", "payload", None, f"button.{index}.payload")

    def build(values: Values) -> Parameter | None:
        payload = clean(values.get(gap.key)) or clean(values.get("payload"))
        if not payload:
            return None
        return _head(index, "quick_reply") | {"parameters": [{"type": "payload", "payload": payload}]}

    yield Filling((), (gap,), build)


def _catalog(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    """Without a thumbnail Meta shows the catalog's first product."""
    gap = place.variable("button", "thumbnail", "product", None, f"button.{index}.thumbnail")

    def build(values: Values) -> Parameter | None:
        thumbnail = clean(values.get(gap.key))
        if not thumbnail:
            return None
        return _head(index, "catalog") | {"parameters": [put.action({"thumbnail_product_retailer_id": thumbnail})]}

    yield Filling((), (gap,), build)


def _products(index: int, button: Component, place: _Place) -> Iterator[Filling]:
    sections = place.variable("button", "sections", "sections", None, f"button.{index}.sections")
    thumbnail = place.variable("button", "thumbnail", "product", None, f"button.{index}.thumbnail")
    yield _component(_head(index, "mpm"), [sections], [put.products(sections.key, thumbnail.key)], [thumbnail])


BUTTONS: dict[str, Callable[[int, Component, _Place], Iterator[Filling]]] = {
    "URL": _url,
    "COPY_CODE": _copy_code,
    "OTP": _otp,
    "QUICK_REPLY": _quick_reply,
    "CATALOG": _catalog,
    "MPM": _products,
}
