"""The guard: how many customers may we still write to? One row-locked decision for a whole batch.

Meta counts unique customers in a rolling 24 hours, per business portfolio. A customer of that window is free,
and so is one whose customer-service window is open; every other one takes a place. Whoever asks holds the
portfolio's row until the commit, so processes at the limit's edge decide one after the other.

If the database cannot be asked, nothing is granted: a lock that does not come within `PATIENCE` raises the
driver's OperationalError like a connection that is gone.

Lock order: the guard before any recipient, message or progress row. Whoever may need the guard later in its
transaction holds it from the beginning (`hold`); else a claim and a settlement wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.extensions import db
from app.shared import clock

# Meta counts at its own time of delivery; ten minutes more than its window keep us on the safe side.
WINDOW = "interval '24 hours 10 minutes'"
UNLIMITED = 2_000_000_000
NEVER = datetime.min.replace(tzinfo=UTC)
RECOUNT_AFTER = "interval '10 seconds'"
PATIENCE = "10s"  # below a lease's half: who waits longer comes too late to send anyway


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may be written to now, and the moment the places were taken (to give them back)."""

    contacts: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """The window as it stands: places taken, the limit, and what is left (None: no limit)."""

    used: int
    limit: int | None

    @property
    def remaining(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


def hold(portfolio_id: str) -> int:
    """Take the portfolio's lock until the caller's commit, before any other row is locked; how many places are used.

    Raises OperationalError when the lock does not come within `PATIENCE`, which holds for the whole transaction.
    """
    asked = {"portfolio": portfolio_id, "patience": PATIENCE}
    used = db.session.scalar(_LOCK, asked)
    if used is None:
        db.session.execute(_CREATE, {"portfolio": portfolio_id})
        used = db.session.scalar(_LOCK, asked)
    return int(used or 0)


def reserve(
    portfolio_id: str,
    contacts: Sequence[str],
    limit: int | None,
    zone: str,
    *,
    used: int | None = None,
    taken_by: int | None = None,
    free: Collection[str] = frozenset(),
) -> Grant:
    """Places for as many of `contacts` (unique, in order) as the limit allows; those of the window are free.

    Holds the portfolio's lock until the caller's commit; `used`, from `hold` in this transaction, saves asking for
    it again. `free` contacts (whose customer-service window is open) are granted and take no place. `taken_by` is
    the campaign that uses the places; None: a single message.
    """
    unconditional = frozenset(contact for contact in contacts if contact in free)
    asked = [contact for contact in contacts if contact not in unconditional]
    if not asked:
        return Grant(unconditional, NEVER)
    used = hold(portfolio_id) if used is None else used
    if _remaining(used, limit) < len(asked):
        used = _recounted(portfolio_id, used)
    rows = db.session.execute(
        _RESERVE,
        {
            "portfolio": portfolio_id,
            "contacts": asked,
            "remaining": _remaining(used, limit),
            "limit": limit,
            "zone": zone,
            "taken_by": taken_by,
        },
    ).all()
    at = rows[0].at if rows else NEVER
    return Grant(unconditional.union(row.contact for row in rows), at)


def give_back(portfolio_id: str, contacts: Sequence[str], at: datetime, zone: str) -> None:
    """Return the places taken `at` for contacts who were certainly not written to, each grant once.

    Call it before the transaction's other writes (lock order).
    """
    if contacts:
        hold(portfolio_id)
        db.session.execute(_GIVE_BACK, {"portfolio": portfolio_id, "contacts": list(contacts), "at": at, "zone": zone})


def recount(portfolio_id: str) -> int:
    """Bring the kept number down to the truth, and tell it. Cheap enough for once a minute."""
    return _recounted(portfolio_id, hold(portfolio_id))


def last_count(portfolio_id: str) -> int:
    """The kept number of places used, in O(1): never below the truth, and the truth at the last recount."""
    return db.session.scalar(_LAST_COUNT, {"portfolio": portfolio_id}) or 0


def usage(portfolio_id: str, limit: int | None) -> Usage:
    """How much of the rolling window is taken, counted from its rows."""
    return Usage(db.session.scalar(_COUNT, {"portfolio": portfolio_id}) or 0, limit)


def opening(portfolio_id: str, limit: int, places: int) -> datetime | None:
    """When at least `places` places will be free; None when they are now."""
    used = usage(portfolio_id, limit).used
    surplus = used + places - limit
    if surplus <= 0:
        return None
    if not used:  # a limit of zero: nothing opens by waiting
        return clock.now() + timedelta(days=1)
    moment: datetime | None = db.session.scalar(_OPENING, {"portfolio": portfolio_id, "offset": min(surplus, used) - 1})
    return moment


def worthwhile(limit: int) -> int:
    """How many places must be free before a campaign goes on: one at a time it would only flutter."""
    return max(1, limit // 20)


def _remaining(used: int, limit: int | None) -> int:
    return max(0, (UNLIMITED if limit is None else limit) - used)


def _recounted(portfolio_id: str, used: int) -> int:
    """`used` brought down to the truth, under the lock; not each time, for the count is not free."""
    truth: int | None = db.session.scalar(_RECOUNT, {"portfolio": portfolio_id})
    return used if truth is None else truth


_CREATE = text("INSERT INTO limit_guards (portfolio_id, used) VALUES (:portfolio, 0) ON CONFLICT DO NOTHING")
# The patience is set by the statement that needs it: a SET of its own would cost every claim a round trip.
_LOCK = text(
    """SELECT used FROM limit_guards
       WHERE portfolio_id = :portfolio AND (SELECT set_config('lock_timeout', :patience, true)) IS NOT NULL
       FOR UPDATE"""
)
_LAST_COUNT = text("SELECT used FROM limit_guards WHERE portfolio_id = :portfolio")

_IN_WINDOW = f"portfolio_id = :portfolio AND granted_at > statement_timestamp() - {WINDOW}"
_COUNT = text(f"SELECT count(*) FROM limit_contacts WHERE {_IN_WINDOW}")
_OPENING = text(
    f"SELECT granted_at + {WINDOW} FROM limit_contacts WHERE {_IN_WINDOW} ORDER BY granted_at OFFSET :offset LIMIT 1"
)
_RECOUNT = text(
    f"""UPDATE limit_guards SET counted_at = statement_timestamp(),
               used = (SELECT count(*) FROM limit_contacts WHERE {_IN_WINDOW})
        WHERE portfolio_id = :portfolio
          AND (counted_at IS NULL OR counted_at < statement_timestamp() - {RECOUNT_AFTER})
        RETURNING used"""
)

# A second statement, so that its snapshot is younger than the wait for the lock: a count in one statement with
# the lock would not see what the previous holder granted. The scalar sub-select (not NOT EXISTS) keeps the
# planner at one index look-up a contact.
_RESERVE = text(
    f"""
    WITH t AS MATERIALIZED (SELECT statement_timestamp() AS at),
    asked AS MATERIALIZED (
        SELECT a.contact, a.place, (SELECT w.granted_at FROM limit_contacts w
            WHERE w.portfolio_id = :portfolio AND w.contact = a.contact) AS previous
        FROM unnest(CAST(:contacts AS text[])) WITH ORDINALITY AS a(contact, place)),
    judged AS (SELECT asked.*, (previous IS NULL OR previous <= t.at - {WINDOW}) AS is_new FROM asked, t),
    numbered AS (SELECT *, count(*) FILTER (WHERE is_new) OVER (ORDER BY place) AS nth FROM judged),
    granted AS MATERIALIZED (SELECT contact, is_new FROM numbered WHERE NOT is_new OR nth <= :remaining),
    taken AS (
        INSERT INTO limit_contacts AS w (portfolio_id, contact, first_granted_at, granted_at, grants, taken_by)
        SELECT :portfolio, contact, t.at, t.at, ARRAY[t.at], CAST(:taken_by AS bigint) FROM granted, t ORDER BY contact
        ON CONFLICT (portfolio_id, contact) DO UPDATE SET granted_at = excluded.granted_at,
            (first_granted_at, grants, taken_by) = (
                SELECT CASE WHEN is_new THEN excluded.first_granted_at ELSE w.first_granted_at END,
                       CASE WHEN is_new THEN excluded.grants ELSE ARRAY(
                           SELECT g FROM unnest(w.grants) g WHERE g > excluded.granted_at - {WINDOW})
                           || excluded.grants END,
                       CASE WHEN is_new THEN excluded.taken_by ELSE w.taken_by END
                FROM (SELECT w.granted_at <= excluded.granted_at - {WINDOW} AS is_new) _)),
    guarded AS (
        UPDATE limit_guards SET used = used + (SELECT count(*) FROM granted WHERE is_new)
        WHERE portfolio_id = :portfolio AND EXISTS (SELECT 1 FROM granted WHERE is_new)),
    counted AS (
        INSERT INTO daily_counters AS d (portfolio_id, day, count, "limit")
        SELECT :portfolio, (t.at AT TIME ZONE :zone)::date, n.new, CAST(:limit AS integer)
        FROM t, (SELECT count(*) AS new FROM granted WHERE is_new) n WHERE n.new > 0
        ON CONFLICT (portfolio_id, day)
        DO UPDATE SET count = d.count + excluded.count, "limit" = excluded."limit", updated_at = now())
    SELECT contact, t.at FROM granted, t
    """
)

# Whose only grant it was leaves the ledger, to the day the place was taken on; others keep the grants that stand.
_GIVE_BACK = text(
    """
    WITH left_behind AS (
        DELETE FROM limit_contacts
        WHERE portfolio_id = :portfolio AND contact = ANY(CAST(:contacts AS text[]))
          AND grants = ARRAY[CAST(:at AS timestamptz)]
        RETURNING (first_granted_at AT TIME ZONE :zone)::date AS day),
    kept AS (
        UPDATE limit_contacts SET grants = array_remove(grants, CAST(:at AS timestamptz)),
            granted_at = (SELECT max(g) FROM unnest(grants) g WHERE g <> :at)
        WHERE portfolio_id = :portfolio AND contact = ANY(CAST(:contacts AS text[]))
          AND CAST(:at AS timestamptz) = ANY(grants) AND cardinality(grants) > 1),
    counted AS (
        UPDATE daily_counters d SET count = greatest(0, d.count - n.places), updated_at = now()
        FROM (SELECT day, count(*) AS places FROM left_behind GROUP BY day) n
        WHERE d.portfolio_id = :portfolio AND d.day = n.day)
    UPDATE limit_guards SET used = greatest(0, used - (SELECT count(*) FROM left_behind))
    WHERE portfolio_id = :portfolio
    """
)
