"""Whether a number shows its catalog and lets customers fill a cart."""

from dataclasses import dataclass

from app.meta.outcome import require_success
from app.meta.transport import Transport


@dataclass(frozen=True, slots=True)
class CommerceSettings:
    """A number's shop window; a number that was never asked about has the cart on and the catalog hidden."""

    is_cart_enabled: bool = True
    is_catalog_visible: bool = False


def read_commerce_settings(transport: Transport, phone_number_id: str) -> CommerceSettings:
    """The settings of this number."""
    node = next(transport.get_items(f"{phone_number_id}/whatsapp_commerce_settings"), {})
    is_cart_enabled, is_visible = node.get("is_cart_enabled"), node.get("is_catalog_visible")
    return CommerceSettings(is_cart_enabled is not False, is_visible is True)


def write_commerce_settings(transport: Transport, phone_number_id: str, settings: CommerceSettings) -> None:
    """Change the settings of this number."""
    form = {
        "is_cart_enabled": str(settings.is_cart_enabled).lower(),
        "is_catalog_visible": str(settings.is_catalog_visible).lower(),
    }
    require_success(transport.post_form(f"{phone_number_id}/whatsapp_commerce_settings", form))
