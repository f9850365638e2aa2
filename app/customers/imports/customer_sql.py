"""The statements that bring staged people into the customers: judge them all, then write what the verdicts say."""

from __future__ import annotations

from app.customers.imports.kinds import STAGED
from app.customers.imports.rules import SKIP, UPDATE
from app.customers.service.consent_many import MAY_BE_TAKEN_BACK

JUDGED = "judged_rows"
SAID = ("name", "email", "city", "zone", "locale")
COLUMNS = ("phone", "user_id", *SAID, "tags", "attributes")
_DERIVED = ("marketing_opt_in", "marketing_opt_in_at", "marketing_opt_out_at", "updated_at")
_BEFORE = ", ".join(f"'{name}', c.{name}" for name in (*COLUMNS, *_DERIVED))


def _over(found: str, column: str) -> str:
    """An aggregate over the rows that say the same there; null for a row that says nothing."""
    return f"CASE WHEN {column} IS NOT NULL THEN {found} OVER (PARTITION BY {column}) END"


# New people are written in the order of their numbers, so two imports at once do not wait for each other, and
# neighbours in the index are written together.
_PEOPLE = f"""
people AS MATERIALIZED (
    SELECT s.*, coalesce(string_to_array(s.tags, ','), '{{}}') || CAST(:tags AS text[]) AS said_tags
    FROM {STAGED} s
    ORDER BY s.phone, s.user_id, s.row_number
)"""

# Whether the customer `h` has their addresses of this import: it made them, or gave them another number or id.
_IS_GIVEN = """(
    h.import_id IS NOT DISTINCT FROM :import OR EXISTS (
        SELECT FROM import_changes i
        WHERE i.import_id = :import AND i.subject = 'customer' AND i.subject_id = h.id AND i.before <> '{}'
          AND (i.before ->> 'phone', i.before ->> 'user_id') IS DISTINCT FROM (h.phone, h.user_id)))"""

# Whether a row's two addresses are two customers', or the customer has another user id, and not by an earlier chunk.
_IS_TORN = f"""
    CASE WHEN user_id IS NOT NULL AND whose IS NOT NULL AND by_user IS DISTINCT FROM whose THEN
        EXISTS (SELECT FROM customers h WHERE h.id IN (by_user, whose) AND h.user_id IS NOT NULL AND NOT {_IS_GIVEN})
        AND NOT EXISTS (SELECT FROM customers h WHERE h.id = whose AND {_IS_GIVEN})
    ELSE false END"""

# Subqueries and no join: of a table filled this second the planner knows nothing, and a wrong join would read all
# customers for every chunk. Of a person's rows the first counts, also where each names them by another address; a row
# that cannot be used keeps nobody else's from counting, wherever chunks end. But a no in any of them is a no. Known
# people are locked in the order of their ids, as by everybody who locks several.
_KNOWN = f"""
found AS MATERIALIZED (
    SELECT p.*, (SELECT id FROM customers WHERE phone = p.phone) AS by_phone,
           (SELECT id FROM customers WHERE phone = p.twin) AS by_twin,
           (SELECT id FROM customers WHERE user_id = p.user_id) AS by_user
    FROM people p
), whose AS (
    SELECT *, coalesce(by_phone, by_twin, by_user) AS whose FROM found
), whole AS (
    SELECT *, {_IS_TORN} AS was_torn FROM whose
), placed AS (
    SELECT *,
           least({_over("min(row_number) FILTER (WHERE NOT was_torn)", "phone")},
                 {_over("min(row_number) FILTER (WHERE NOT was_torn)", "user_id")}) AS first_row,
           {_over("bool_or(NOT consent)", "phone")} IS TRUE
               OR {_over("bool_or(NOT consent)", "user_id")} IS TRUE AS says_no
    FROM whole
), known AS MATERIALIZED (
    SELECT w.*,
           least(first_row, {_over("min(row_number) FILTER (WHERE NOT was_torn)", "whose")}) AS foremost,
           says_no OR whose IS NOT NULL AND bool_or(says_no) OVER (PARTITION BY whose) AS is_no
    FROM placed w
    ORDER BY whose, phone, user_id, row_number
)"""

_LISTED = """EXISTS (
    SELECT FROM suppressions x WHERE x.digest = ANY(ARRAY[
        sha256(convert_to(:salt || k.phone, 'UTF8')), sha256(convert_to(:salt || k.twin, 'UTF8')),
        sha256(convert_to(:salt || k.user_id, 'UTF8'))])
)"""

_REASON = """
    CASE verdict WHEN 'duplicate' THEN
             CASE WHEN first_row < row_number THEN 'the same person stands in row ' || first_row
                  ELSE 'the same person stands further up in the file' END
         WHEN 'invalid' THEN 'the phone number and the user id belong to different customers' END"""

INSERT = f"""
INSERT INTO customers (id, public_id, phone, user_id, {", ".join(SAID)}, tags, attributes, import_id,
                       marketing_opt_in, marketing_opt_in_at, marketing_opt_out_at)
SELECT customer_id, CAST(overlay(CAST(gen_random_uuid() AS text) PLACING :era FROM 1 FOR 15) AS uuid),
       phone, user_id, {", ".join(SAID)}, tags, attributes, :import,
       coalesce(granted, false), CASE WHEN granted THEN now() END, CASE WHEN NOT granted THEN now() END
FROM {JUDGED} WHERE verdict = 'new'
"""  # noqa: S608  names of our own tables and columns

CHANGE = f"""
UPDATE customers c SET phone = j.phone, user_id = j.user_id, {", ".join(f"{name} = j.{name}" for name in SAID)},
    tags = j.tags, attributes = j.attributes, updated_at = now()
FROM {JUDGED} j WHERE c.id = j.customer_id AND j.verdict = 'update' AND j.has_changed
"""  # noqa: S608  names of our own tables and columns

JOURNAL = f"""
INSERT INTO import_changes (import_id, subject, subject_id, before, changed_at)
SELECT :import, 'customer', customer_id, before, now() FROM {JUDGED} WHERE verdict IN ('update', 'same')
"""  # noqa: S608  names of our own tables and columns


# A later row may say no for a person whom an earlier chunk brought: undone, they are as before the first.
JOURNAL_AGAIN = f"""
UPDATE import_changes i SET changed_at = now(), before = CASE i.before WHEN '{{}}' THEN j.before ELSE i.before END
FROM {JUDGED} j
WHERE j.verdict = 'duplicate' AND NOT j.granted
  AND i.import_id = :import AND i.subject = 'customer' AND i.subject_id = j.customer_id
  AND (i.before = '{{}}' OR i.changed_at = CAST(j.before ->> 'updated_at' AS timestamptz))
"""  # noqa: S608  names of our own tables and columns


def judging(existing: str, *, has_list: bool, is_trial: bool) -> str:
    """The statement that makes `JUDGED` of the staged rows: who each person is, what they become, and the verdict.

    A trial locks nobody and numbers nobody. `has_list`: whether anybody stands on the suppression list.
    """
    first, second = ("k", "c") if existing == UPDATE else ("c", "k")
    may_change = "false" if existing == SKIP else "true"
    return f"""
    CREATE TEMP TABLE {JUDGED} ON COMMIT DROP AS
    WITH {_PEOPLE}, {_KNOWN}, judged AS MATERIALIZED (
        SELECT k.row_number, k.foremost AS first_row, k.was_torn, c.id AS known_id, n.*,
            k.by_user <> k.whose AND NOT k.was_torn AS has_given_id,
            said.no OR said.is_listed AS is_unreachable,
            c.import_id = :import OR EXISTS (
                SELECT FROM import_changes i
                WHERE i.import_id = :import AND i.subject = 'customer' AND i.subject_id = c.id) AS is_touched,
            k.by_user <> coalesce(k.by_phone, k.by_twin) OR c.user_id <> k.user_id AS is_torn,
            c.id IS NOT NULL AND {may_change}
                AND ({_each("n")}) IS DISTINCT FROM ({_each("c")}) AS has_changed,
            CASE WHEN k.consent AND NOT k.is_no AND NOT said.no AND NOT said.is_listed
                      AND c.marketing_opt_in IS NOT TRUE AND (c.id IS NULL OR {may_change}) THEN true
                 WHEN k.is_no AND (NOT said.no OR {MAY_BE_TAKEN_BACK}) THEN false END AS granted,
            CASE WHEN c.id IS NOT NULL THEN jsonb_build_object({_BEFORE}) END AS before
        FROM known k
        LEFT JOIN LATERAL (
            SELECT * FROM customers one WHERE one.id = k.whose
            {"" if is_trial else "FOR NO KEY UPDATE"}
        ) c ON true
        CROSS JOIN LATERAL ({_become(first, second)} OFFSET 0) n
        CROSS JOIN LATERAL (
            SELECT coalesce(c.marketing_opt_out_at IS NOT NULL AND NOT c.marketing_opt_in, false) AS no,
                   {_LISTED if has_list else "false"} AS is_listed OFFSET 0
        ) said
    ), decided AS (
        SELECT j.*, CASE WHEN was_torn THEN 'invalid'
                         WHEN first_row < row_number OR is_touched OR has_given_id THEN 'duplicate'
                         WHEN is_torn THEN 'invalid'
                         WHEN known_id IS NULL THEN 'new'
                         WHEN has_changed OR granted IS NOT NULL THEN 'update'
                         ELSE 'same' END AS verdict,
            is_touched AND NOT was_torn AND first_row = row_number AND NOT granted AS says_no_late
        FROM judged j
    )
    SELECT row_number, verdict, {_REASON} AS reason, {_each("d")},
        is_unreachable AND verdict IN ('new', 'update', 'same') AS is_suppressed,
        CASE WHEN verdict = 'new' THEN {"NULL" if is_trial else "nextval('customers_id_seq')"} ELSE known_id END
            AS customer_id,
        CASE WHEN verdict IN ('new', 'update') OR says_no_late THEN granted END AS granted, has_changed,
        CASE WHEN verdict = 'update' OR says_no_late THEN before WHEN verdict = 'same' THEN '{{}}' END AS before
    FROM decided d
    """  # noqa: S608  names of our own tables and columns


def _each(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in COLUMNS)


def _become(first: str, second: str) -> str:
    """What a person is after the import; of two values the `first` counts, k the file's and c ours."""
    either = ", ".join(f"coalesce({first}.{name}, {second}.{name}) AS {name}" for name in ("user_id", *SAID))
    return f"""
            SELECT CASE WHEN k.by_phone IS NULL AND k.by_twin IS NOT NULL THEN c.phone
                        ELSE coalesce({first}.phone, {second}.phone) END AS phone,
                {either},
                CASE WHEN c.id IS NULL AND k.tags IS NULL THEN k.said_tags
                     WHEN c.tags @> k.said_tags THEN c.tags
                     ELSE ARRAY(SELECT tag FROM unnest(c.tags || k.said_tags) WITH ORDINALITY u(tag, place)
                                GROUP BY tag ORDER BY min(place)) END AS tags,
                coalesce({second}.attributes, '{{}}') || coalesce({first}.attributes, '{{}}') AS attributes"""
