"""The statements that take a list of people at its word: whoever stands on it gets no marketing any more."""

from __future__ import annotations

from app.customers.imports.kinds import STAGED
from app.customers.service.consent_many import MAY_BE_TAKEN_BACK

JUDGED = "judged_opt_outs"
"""Each staged row's verdict: "new", "same" (they had no marketing before) or "duplicate" with its reason."""
ANSWERS = "opting_out"
"""The customers whose no has to be written down."""

_DIGESTS = f"""
    SELECT row_number, sha256(convert_to(:salt || address, 'UTF8')) AS digest
    FROM {STAGED} CROSS JOIN LATERAL (VALUES (phone), (twin), (user_id)) a (address) WHERE address IS NOT NULL
"""

NAMED = "named_customers"
"""The customers that each row names."""

CREATE = f"""
CREATE TEMP TABLE {JUDGED} (row_number int PRIMARY KEY, verdict text, reason text, is_suppressed boolean)
ON COMMIT DROP
"""

CREATE_ANSWERS = f"""
CREATE TEMP TABLE {ANSWERS} (customer_id bigint PRIMARY KEY, granted boolean, row_number int, wording text)
ON COMMIT DROP
"""

# What one list puts on another may take off: they take turns with the whole list.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('opt-outs'))"

CREATE_NAMED = f"CREATE TEMP TABLE {NAMED} (row_number int, id bigint) ON COMMIT DROP"

# A row may name two customers, by phone and by user id: both said no. Subqueries and no joins: of a table filled this
# second the planner knows too little, and a join may read all customers for every chunk.
NAME = f"""
INSERT INTO {NAMED}
SELECT DISTINCT s.row_number, c.id FROM {STAGED} s CROSS JOIN LATERAL (VALUES
    ((SELECT id FROM customers WHERE phone = s.phone)), ((SELECT id FROM customers WHERE phone = s.twin)),
    ((SELECT id FROM customers WHERE user_id = s.user_id))) c (id)
WHERE c.id IS NOT NULL
"""

# Two imports at once take turns with a person.
LOCK = f"SELECT id FROM customers WHERE id = ANY(ARRAY(SELECT id FROM {NAMED})) ORDER BY id FOR NO KEY UPDATE"

JUDGE = f"""
INSERT INTO {JUDGED}
WITH listed AS (
    SELECT d.row_number, bool_and(x.id IS NOT NULL) AS are_all,
        bool_or(x.source = :source OR EXISTS (
            SELECT FROM import_changes j
            WHERE j.import_id = :import AND j.subject = 'suppression' AND j.subject_id = x.id)) AS is_touched
    FROM ({_DIGESTS}) d LEFT JOIN suppressions x USING (digest) GROUP BY d.row_number
), willing AS (
    SELECT DISTINCT n.row_number FROM {NAMED} n JOIN customers c ON c.id = n.id
    WHERE c.marketing_opt_in OR c.marketing_opt_out_at IS NULL
), placed AS (
    SELECT row_number, row_number() OVER (PARTITION BY coalesce(phone, user_id) ORDER BY row_number) AS place
    FROM {STAGED}
), judged AS (
    SELECT p.row_number,
        CASE WHEN p.place > 1 OR coalesce(l.is_touched, false) THEN 'duplicate'
             WHEN l.are_all AND w.row_number IS NULL THEN 'same'
             ELSE 'new' END AS verdict
    FROM placed p JOIN listed l USING (row_number) LEFT JOIN willing w USING (row_number)
)
SELECT row_number, verdict, CASE verdict WHEN 'duplicate' THEN 'the same person stands in an earlier row' END, false
FROM judged
"""

# Who said no by another file only says it again: that file may be taken back, this one stands.
ANSWER = f"""
INSERT INTO {ANSWERS}
SELECT DISTINCT ON (n.id) n.id, false, n.row_number, s.reason
FROM {NAMED} n JOIN {STAGED} s USING (row_number) JOIN customers c ON c.id = n.id
WHERE c.marketing_opt_in OR c.marketing_opt_out_at IS NULL OR {MAY_BE_TAKEN_BACK}
ORDER BY n.id, n.row_number
"""

# What was on the list before is noted, so that a later row of the same file is known to repeat it.
JOURNAL = f"""
INSERT INTO import_changes (import_id, subject, subject_id, before, changed_at)
SELECT DISTINCT CAST(:import AS bigint), 'suppression', x.id, CAST('{{}}' AS jsonb), now()
FROM ({_DIGESTS}) d JOIN suppressions x USING (digest) WHERE x.source IS DISTINCT FROM :source
ON CONFLICT DO NOTHING
"""

# Of every row, a repeated one too: it may name the person by another address.
SUPPRESS = f"""
INSERT INTO suppressions (digest, reason, source)
SELECT DISTINCT digest, :reason, :source FROM ({_DIGESTS}) d ORDER BY digest
ON CONFLICT (digest) DO NOTHING
"""

_OTHER_LIST = """
    SELECT 'import ' || i.public_id FROM import_changes j JOIN imports i ON i.id = j.import_id
    WHERE j.subject = 'suppression' AND j.subject_id = x.id AND j.import_id <> :import
      AND i.status NOT IN ('undoing', 'undone')
    ORDER BY i.id LIMIT 1
"""
"""Another imported list that names the same address, and stands."""

LIFT = f"""
WITH next AS MATERIALIZED (
    SELECT x.id, ({_OTHER_LIST}) AS other FROM suppressions x
    WHERE x.reason = :reason AND x.source = :source LIMIT :most
), left_over AS (
    UPDATE suppressions s SET source = next.other FROM next WHERE s.id = next.id AND next.other IS NOT NULL RETURNING 1
), lifted AS (
    DELETE FROM suppressions s USING next WHERE s.id = next.id AND next.other IS NULL RETURNING 1
)
SELECT (SELECT count(*) FROM lifted), (SELECT count(*) FROM left_over)
"""

FORGET = """
WITH gone AS (
    DELETE FROM import_changes WHERE import_id = :import AND subject_id IN (
        SELECT subject_id FROM import_changes WHERE import_id = :import AND subject = 'suppression' LIMIT :most)
    RETURNING 1
)
SELECT count(*) FROM gone
"""

OUTLOOK = f"""
WITH listed AS (
    SELECT ({_OTHER_LIST}) IS NULL AS goes FROM suppressions x WHERE x.reason = :reason AND x.source = :source
), said AS (
    SELECT c.marketing_opt_in_at > coalesce((
        SELECT max(e.at) FROM consent_entries e
        WHERE e.customer_id = c.id AND NOT e.granted AND e.import_id IS DISTINCT FROM :import), '-infinity') AS yes
    FROM customers c WHERE c.id IN (SELECT customer_id FROM consent_entries WHERE import_id = :import)
)
SELECT (SELECT count(*) FROM listed WHERE goes), (SELECT count(*) FROM said),
       (SELECT count(*) FROM listed WHERE NOT goes), (SELECT count(*) FROM said WHERE yes)
"""
