"""A place on the map as a message."""

from app.meta.envelope import BadMessage, Payload, envelope, given


def location_message(
    to: str | None,
    latitude: float,
    longitude: float,
    callback_data: str,
    *,
    name: str | None = None,
    address: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a place; the address shows under its name only when both are given."""
    for field, value, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if not -most <= value <= most:
            raise BadMessage(field, f"The {field} lies between -{most} and {most}.")
    content = {"latitude": latitude, "longitude": longitude} | given(name=name, address=address)
    return envelope("location", content, to, callback_data, recipient, reply_to)
