"""Which kind an import is of. Recipients belong to a campaign, which brings the file in by itself."""

from __future__ import annotations

from app.customers.imports.customers import Customers
from app.customers.imports.kinds import Kind
from app.customers.imports.models import Import, ImportKind
from app.customers.imports.opt_outs import OptOuts
from app.customers.imports.sales import Sales
from app.shared.errors import Refused

KINDS: dict[ImportKind, Kind] = {
    ImportKind.CUSTOMERS: Customers(),
    ImportKind.SALES: Sales(),
    ImportKind.OPT_OUTS: OptOuts(),
}


def kind_of(import_: Import) -> Kind:
    """What the rows of this import become. Raises `Refused` for the recipients of a campaign."""
    if import_.kind not in KINDS:
        raise Refused("This file belongs to a campaign; go on there.")
    return KINDS[import_.kind]
