"""Lists of people as customers bring them, and campaigns that wait for them."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from werkzeug.datastructures import FileStorage

from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.customers.imports import uploads
from app.customers.imports.models import Import
from app.extensions import db
from tests import factories

NAMES = ("Asha Rao", "Müller, Jürgen", 'Ravi "Bunty" Shah', "José Álvarez", "D’Souza, Anne", "Zoë")
CITIES = ("Goa", "Pune", "São Paulo", "Navi Mumbai; CBD")
SPELLINGS = ("+91 98{0} {1}", "098{0}{1}", "9198{0}{1}", "+9198{0}{1}", "98{0}-{1}", "(+91) 98{0} {1}")
UNUSABLE = ("12345", "not known", "+91 12 34", "", "5.25512E+11")


@dataclass
class PeopleList:
    """A file and what is in it."""

    text: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)  # E.164 → name, city of the first row
    unusable: int = 0
    duplicates: int = 0


def people_list(rows: int, *, emoji: bool = False, seed: int = 7) -> PeopleList:
    """Name;Phone;City, 2 % unusable numbers, 1 % repeated ones, every spelling."""
    chance, written = random.Random(seed), StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(["Name", "Phone", "City"])
    made = PeopleList("")
    for number in range(rows):
        name = chance.choice(NAMES) + (" 🌴" if emoji else "")
        city = chance.choice(CITIES)
        writer.writerow([name, _phone(made, number, chance, name, city), city])
    made.text = written.getvalue()
    return made


def _phone(made: PeopleList, number: int, chance: random.Random, name: str, city: str) -> str:
    if number % 50 == 17:
        made.unusable += 1
        return chance.choice(UNUSABLE)
    if number % 100 == 42:
        made.duplicates += 1
        local = chance.choice(list(made.people))[5:]
    else:
        local = f"{number:08d}"
        made.people["+9198" + local] = (name, city)
    return chance.choice(SPELLINGS).format(local[:3], local[3:])


def upload(content: bytes, name: str = "people.csv") -> Import:
    """The file, received."""
    import_ = uploads.receive_upload(FileStorage(BytesIO(content), filename=name), None)
    db.session.commit()
    return import_


def waiting_campaign(import_: Import | None = None, **columns: Any) -> Campaign:
    """A campaign that waits for the recipients of `import_`."""
    columns = {"target_type": TargetType.IMPORTED, "status": CampaignStatus.POPULATING} | columns
    campaign = factories.make_campaign(import_id=import_.id if import_ else None, **columns)
    db.session.commit()
    return campaign
