"""Orders to be paid in the chat."""

from datetime import UTC, datetime, timedelta

import pytest

from app.meta.envelope import BadMessage
from app.meta.order_messages import (
    OrderDetails,
    OrderItem,
    order_details_message,
    order_status_message,
    payment_gateway,
    payment_link,
)

TO, DATA = "+919812345678", "m7"
BOX = OrderItem("SKU1", "Kaju Katli 500g", 54900, 2)
ORDER = OrderDetails("ORD-1007-1", [BOX], catalog_id="900100")
HOME = {"name": "Asha", "address_line1": "7 Dadar West", "city": "Mumbai", "country": "India", "postal_code": "400028"}
LINK = payment_link("https://rzp.io/i/x")


def parameters(order: OrderDetails) -> dict[str, object]:
    return order_details_message(TO, "Your order", order, LINK, DATA)["interactive"]["action"]["parameters"]


def test_it_writes_an_order_as_meta_s_page_does():
    message = order_details_message(TO, "Your order 1007", ORDER, LINK, DATA)
    assert message["interactive"] == {
        "type": "order_details",
        "body": {"text": "Your order 1007"},
        "action": {
            "name": "review_and_pay",
            "parameters": {
                "reference_id": "ORD-1007-1",
                "type": "physical-goods",
                "payment_type": "upi",
                "payment_settings": [{"type": "payment_link", "payment_link": {"uri": "https://rzp.io/i/x"}}],
                "currency": "INR",
                "total_amount": {"value": 109800, "offset": 100},
                "order": {
                    "status": "pending",
                    "catalog_id": "900100",
                    "items": [
                        {
                            "retailer_id": "SKU1",
                            "name": "Kaju Katli 500g",
                            "amount": {"value": 54900, "offset": 100},
                            "quantity": 2,
                        }
                    ],
                    "subtotal": {"value": 109800, "offset": 100},
                    "tax": {"value": 0, "offset": 100},
                },
            },
        },
    }


def test_it_adds_up():
    sale = OrderItem("SKU2", "Laddu", 30000, 3, sale_amount=25000)
    order = OrderDetails("O1", [BOX, sale], catalog_id="9", tax=500, shipping=4000, discount=1000, beneficiaries=[HOME])
    told = parameters(order)
    assert told["order"]["subtotal"]["value"] == 109800 + 75000
    assert told["total_amount"]["value"] == 109800 + 75000 + 500 + 4000 - 1000
    assert told["beneficiaries"] == [HOME]
    assert told["order"]["discount"]["value"] == 1000


def test_it_pays_through_a_gateway():
    settings = payment_gateway("razorpay", "razorpay-prod", receipt="R1", notes={"order": "7"})
    assert settings["payment_gateway"] == {
        "type": "razorpay",
        "configuration_name": "razorpay-prod",
        "razorpay": {"receipt": "R1", "notes": {"order": "7"}},
    }


def test_it_tells_until_when_to_pay():
    ends = datetime.now(UTC) + timedelta(hours=1)
    expiration = parameters(OrderDetails("O1", [BOX], "9", expires_at=ends))["order"]["expiration"]
    assert expiration["timestamp"] == str(int(ends.timestamp()))
    assert expiration["description"]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (OrderDetails("", [BOX], "9"), "reference_id"),
        (OrderDetails("x" * 36, [BOX], "9"), "reference_id"),
        (OrderDetails("a b", [BOX], "9"), "reference_id"),
        (OrderDetails("O1", [], "9"), "items"),
        (OrderDetails("O1", [BOX]), "items"),
        (OrderDetails("O1", [OrderItem("S", "n" * 61, 1, 1)], "9"), "items"),
        (OrderDetails("O1", [OrderItem("S", "Laddu", 1, 0)], "9"), "items"),
        (OrderDetails("O1", [OrderItem("S", "Laddu", -1, 1)], "9"), "items"),
        (
            OrderDetails("O1", [OrderItem(f"{i}", "L", 1, 1, image_link="https://a.in") for i in range(11)], "9"),
            "items",
        ),
        (OrderDetails("O1", [BOX], "9", goods="services"), "goods"),
        (OrderDetails("O1", [BOX], "9", shipping=4000), "beneficiaries"),
        (OrderDetails("O1", [BOX], "9", discount=109800), "total"),
        (OrderDetails("O1", [BOX], "9", expires_at=datetime.now(UTC) + timedelta(seconds=299)), "expires_at"),
    ],
)
def test_it_refuses_an_order_that_meta_would_refuse(order, field):
    with pytest.raises(BadMessage) as caught:
        parameters(order)
    assert caught.value.field == field


def test_it_tells_how_an_order_goes_on():
    message = order_status_message(TO, "On its way", "ORD-1", "shipped", DATA, description="With India Post")
    assert message["interactive"]["action"] == {
        "name": "review_order",
        "parameters": {"reference_id": "ORD-1", "order": {"status": "shipped", "description": "With India Post"}},
    }


@pytest.mark.parametrize(
    ("reference", "status", "description"),
    [("", "shipped", None), ("ORD-1", "lost", None), ("ORD-1", "shipped", "d" * 121)],
)
def test_it_refuses_news_that_meta_would_refuse(reference, status, description):
    with pytest.raises(BadMessage):
        order_status_message(TO, "On its way", reference, status, DATA, description=description)


@pytest.mark.parametrize(
    "pay", [lambda: payment_link("http://rzp.io"), lambda: payment_gateway("paypal", "x"), lambda: payment_link("")]
)
def test_it_refuses_ways_to_pay_that_meta_does_not_know(pay):
    with pytest.raises(BadMessage):
        pay()
