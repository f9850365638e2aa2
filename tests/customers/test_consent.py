"""The ledger and the flag say the same."""

from __future__ import annotations

from types import SimpleNamespace

from app.customers.queries import people
from app.customers.service.consent import record_consent
from tests import factories


def test_a_no_is_written_down_and_holds(cast: SimpleNamespace) -> None:
    customer = factories.make_customer()
    record_consent(customer, False, "form", "asked on the phone", cast.bob)

    assert (customer.marketing_opt_in, customer.is_opted_out) == (False, True)
    line = people.consent_ledger(customer)[0]
    assert (line.entry.granted, line.entry.wording, line.actor) == (False, "asked on the phone", "Bob")
    assert customer.marketing_opt_out_at == line.entry.at


def test_a_later_yes_holds_again_and_the_ledger_keeps_both(cast: SimpleNamespace) -> None:
    customer = factories.make_customer()
    record_consent(customer, False, "form", "no", cast.bob)
    record_consent(customer, True, "form", "yes", cast.bob)

    assert (customer.marketing_opt_in, customer.is_opted_out) == (True, False)
    assert [line.entry.granted for line in people.consent_ledger(customer)] == [True, False]
