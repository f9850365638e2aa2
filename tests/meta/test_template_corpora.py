"""Template bodies that another project collected: each keeps the rules, and each can be filled."""

import json
from pathlib import Path

import pytest

from app.meta.components import compile_template
from app.meta.template_rules import advise, check

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "pywa" / "templates"
TEMPLATES = {
    f"{file.stem}.{name}": body
    for file in sorted(FOLDER.glob("*.json"))
    for name, body in json.loads(file.read_text()).items()
}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no templates beside the repository")

COMPONENTS = {
    "authentication.authentication_code_autofill_button": ["body", "button"],
    "authentication.authentication_code_copy_code_button": ["body", "button"],
    "authentication.zero_tap_auth_template": ["body", "button"],
    "buttons.seasonal_promotion": ["header", "body"],
    "buttons.order_confirmation": ["header", "body"],
    "buttons.order_delivery_update": ["header", "body"],
    "buttons.abandoned_cart_offer": ["header", "body"],
    "buttons.intro_catalog_offer": ["body"],
    "buttons.coupon_code_fall2023_25off": ["body", "button"],
    "buttons.abandoned_cart": ["header", "body", "button"],
    "carousel.carousel_template_media_cards_v1": ["body", "carousel"],
    "carousel.carousel_template_product_cards_v1": ["body", "carousel"],
    "limited_time_offer.limited_time_offer_caribbean_pkg_2023": [
        *["header", "body", "limited_time_offer", "button", "button"],
    ],
}


def test_it_has_all_thirteen():
    assert set(TEMPLATES) == set(COMPONENTS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_finds_nothing_to_complain_of(name):
    assert check(TEMPLATES[name]) == advise(TEMPLATES[name]) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_fills_each(name):
    template = compile_template(TEMPLATES[name]["components"], TEMPLATES[name].get("parameter_format"))
    values = {gap.key: (gap.sample if gap.kind == "text" else None) or "12" for gap in template.variables}
    values |= {gap.key: "4070995200" for gap in template.variables if gap.kind == "expiration"}
    assert template.unsupported == []
    assert "{{" not in template.body(values)
    assert [component["type"] for component in template.build(values)] == COMPONENTS[name]
