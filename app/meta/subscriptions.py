"""Which apps are told what happens to a business account: only a subscribed app gets its webhooks."""

from collections.abc import Iterator

from app.meta.foreign import mapping, text
from app.meta.outcome import require_success
from app.meta.transport import Transport


def list_subscribed_apps(transport: Transport, waba_id: str) -> Iterator[str]:
    """The ids of the apps that are told what happens to this business account."""
    for node in transport.get_items(f"{waba_id}/subscribed_apps"):
        if app_id := text(mapping(node.get("whatsapp_business_api_data")).get("id")):
            yield app_id


def subscribe_app(
    transport: Transport, waba_id: str, callback_url: str | None = None, verify_token: str | None = None
) -> None:
    """Let the token's own app be told, at `callback_url` instead of the app's own address if that is given.

    A second time changes nothing. Meta calls the address with the verify token before it agrees.
    """
    body = {"override_callback_uri": callback_url, "verify_token": verify_token} if callback_url else {}
    require_success(transport.post(f"{waba_id}/subscribed_apps", body))


def unsubscribe_app(transport: Transport, waba_id: str) -> None:
    """Let the token's own app be told no more."""
    require_success(transport.delete(f"{waba_id}/subscribed_apps"))
