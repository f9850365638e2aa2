"""How Razorpay refuses."""

from typing import Any


class RazorpayError(Exception):
    """A refusal in Razorpay's words; `field` is the parameter it is about."""

    def __init__(self, description: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(description)
        self.field = field
        self.status = status

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        return {
            "error": {
                "code": "BAD_REQUEST_ERROR",
                "description": str(self),
                "source": "business",
                "step": "payment_initiation",
                "reason": "input_validation_failed",
                "metadata": {},
                "field": self.field,
            }
        }
