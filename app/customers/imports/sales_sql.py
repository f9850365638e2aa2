"""The statements that bring staged sales in. What each row is gets judged once; the rest follows the judgement."""

from __future__ import annotations

from app.customers.imports.kinds import STAGED

JUDGED = "judged_sales"
"""Each staged row's verdict: "new", "update", "same", "duplicate" or "invalid", with the reason of the last two."""

CREATE = f"""
CREATE TEMP TABLE {JUDGED} (row_number int PRIMARY KEY, customer_id bigint, sale_id bigint, verdict text,
                            reason text, is_suppressed boolean) ON COMMIT DROP
"""

# Only imports write sales of this source, so one at a time may judge them: nothing comes in between. Whoever else
# writes many sales waits, too: all add to the sums of the same people, each in an order of their own.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('sales of source csv'))"

LOCK = f"""
SELECT id FROM sales WHERE source = :source AND external_id IN (SELECT external_id FROM {STAGED})
ORDER BY id FOR NO KEY UPDATE
"""

_SAME = """
    o.customer_id = w.customer_id AND o.amount = w.amount AND o.currency = w.currency AND o.sold_at = w.sold_at
    AND coalesce(w.category, o.category) IS NOT DISTINCT FROM o.category
    AND coalesce(w.product, o.product) IS NOT DISTINCT FROM o.product
    AND coalesce(w.starts_on, o.starts_on) IS NOT DISTINCT FROM o.starts_on
"""

# Subqueries and no joins with customers: of a table filled this second the planner knows too little, and a join may
# read all customers for every chunk. E-mail addresses have no index and are looked up together; they count only where
# a row says nothing better: a family shares one, each with a number of their own.
JUDGE = f"""
INSERT INTO {JUDGED}
WITH by_email AS MATERIALIZED (
    SELECT lower(email) AS email, min(id) AS id, count(*) AS many FROM customers
    WHERE lower(email) IN (SELECT lower(email) FROM {STAGED} WHERE phone IS NULL AND user_id IS NULL)
    GROUP BY lower(email)
), known AS MATERIALIZED (
    SELECT s.*, (SELECT id FROM customers WHERE user_id = s.user_id) AS by_user,
        coalesce((SELECT id FROM customers WHERE phone = s.phone),
                 (SELECT id FROM customers WHERE phone = s.twin)) AS by_phone
    FROM {STAGED} s
), whose AS (
    SELECT k.*, coalesce(by_user, by_phone, m.id) AS customer_id,
        CASE WHEN by_user <> by_phone THEN 'the phone number and the user id belong to different customers'
             WHEN m.many > 1 THEN 'several customers have the e-mail address ' || k.email
             WHEN coalesce(by_user, by_phone, m.id) IS NOT NULL THEN NULL
             WHEN k.phone IS NOT NULL
                 THEN CASE WHEN :creates THEN NULL ELSE 'no customer has the phone number ' || k.phone END
             WHEN k.user_id IS NOT NULL THEN 'no customer has the user id ' || k.user_id
             ELSE 'no customer has the e-mail address ' || k.email END AS trouble
    FROM known k LEFT JOIN by_email m ON m.email = lower(k.email) AND k.phone IS NULL AND k.user_id IS NULL
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY external_id, trouble IS NULL ORDER BY row_number) AS place FROM whose
), judged AS (
    SELECT w.row_number, w.customer_id, o.id AS sale_id, w.trouble, w.phone, w.user_id,
        CASE WHEN w.trouble IS NOT NULL THEN 'invalid'
             WHEN w.external_id IS NOT NULL AND w.place > 1 THEN 'duplicate'
             WHEN o.id IS NULL THEN 'new'
             WHEN o.import_id = :import OR EXISTS (
                 SELECT FROM import_changes j
                 WHERE j.import_id = :import AND j.subject = 'sale' AND j.subject_id = o.id) THEN 'duplicate'
             WHEN :skips OR ({_SAME}) THEN 'same'
             ELSE 'update' END AS verdict
    FROM placed w LEFT JOIN sales o ON o.source = :source AND o.external_id = w.external_id
)
SELECT j.row_number, j.customer_id, j.sale_id, j.verdict,
    CASE j.verdict WHEN 'duplicate' THEN 'an earlier row has the same external id' ELSE j.trouble END,
    j.verdict IN ('new', 'update', 'same') AND (
        coalesce(c.marketing_opt_out_at IS NOT NULL AND NOT c.marketing_opt_in, false)
        OR CASE WHEN (SELECT EXISTS (SELECT FROM suppressions)) THEN EXISTS (
            SELECT FROM suppressions n WHERE n.digest IN (
                sha256(convert_to(:salt || j.phone, 'UTF8')), sha256(convert_to(:salt || j.user_id, 'UTF8')),
                sha256(convert_to(:salt || c.phone, 'UTF8')), sha256(convert_to(:salt || c.user_id, 'UTF8'))))
           ELSE false END)
FROM judged j LEFT JOIN customers c ON c.id = j.customer_id
"""

# In the order of ids, as whoever else locks several: each sale holds its customer until the end.
HOLD_CUSTOMERS = f"""
SELECT id FROM customers
WHERE id = ANY(ARRAY(SELECT customer_id FROM {JUDGED} WHERE verdict IN ('new', 'update')))
ORDER BY id FOR KEY SHARE
"""

MAKE_CUSTOMERS = f"""
INSERT INTO customers (public_id, phone, user_id, email, import_id)
SELECT DISTINCT ON (s.phone) gen_random_uuid(), s.phone, s.user_id, s.email, :import
FROM {STAGED} s JOIN {JUDGED} j USING (row_number)
WHERE j.verdict IN ('new', 'update') AND j.customer_id IS NULL
ORDER BY s.phone, s.row_number
ON CONFLICT DO NOTHING
"""

# By user id where somebody has it already under another number.
FIND_THEM = f"""
UPDATE {JUDGED} j SET customer_id = coalesce(
    (SELECT c.id FROM customers c WHERE c.phone = s.phone), (SELECT c.id FROM customers c WHERE c.user_id = s.user_id))
FROM {STAGED} s
WHERE s.row_number = j.row_number AND j.verdict IN ('new', 'update') AND j.customer_id IS NULL
"""

INSERT = f"""
INSERT INTO sales (public_id, customer_id, amount, currency, category, product, sold_at, starts_on, source,
                   external_id, import_id)
SELECT s.public_id, j.customer_id, s.amount, s.currency, s.category, s.product, s.sold_at, s.starts_on, :source,
       s.external_id, :import
FROM {STAGED} s JOIN {JUDGED} j USING (row_number) WHERE j.verdict = 'new' ORDER BY s.row_number
"""

JOURNAL = f"""
INSERT INTO import_changes (import_id, subject, subject_id, before, changed_at)
SELECT :import, 'sale', o.id, CASE j.verdict WHEN 'update' THEN to_jsonb(o) ELSE '{{}}' END, now()
FROM {JUDGED} j JOIN sales o ON o.id = j.sale_id WHERE j.verdict IN ('update', 'same')
"""

# An empty cell says nothing: what is known stays.
UPDATE = f"""
UPDATE sales o SET customer_id = j.customer_id, amount = s.amount, currency = s.currency, sold_at = s.sold_at,
    category = coalesce(s.category, o.category), product = coalesce(s.product, o.product),
    starts_on = coalesce(s.starts_on, o.starts_on), updated_at = now()
FROM {JUDGED} j JOIN {STAGED} s USING (row_number) WHERE o.id = j.sale_id AND j.verdict = 'update'
"""

# What was before may name a customer who was erased since, or an import that is gone: they cannot come back.
FORGET_THE_GONE = """
UPDATE import_changes j
SET before = j.before
    || CASE WHEN EXISTS (SELECT FROM customers c WHERE c.id = (j.before ->> 'customer_id')::bigint)
            THEN '{}' ELSE '{"customer_id": null}'::jsonb END
    || CASE WHEN EXISTS (SELECT FROM imports i WHERE i.id = (j.before ->> 'import_id')::bigint)
            THEN '{}' ELSE '{"import_id": null}'::jsonb END
WHERE j.import_id = :import AND j.subject = 'sale' AND j.before <> '{}'
  AND ((j.before -> 'customer_id' <> 'null'
        AND NOT EXISTS (SELECT FROM customers c WHERE c.id = (j.before ->> 'customer_id')::bigint))
    OR (j.before -> 'import_id' <> 'null'
        AND NOT EXISTS (SELECT FROM imports i WHERE i.id = (j.before ->> 'import_id')::bigint)))
"""

# What stays because it was touched since is nobody's import any more: whom it was sold to is in use then.
DISOWN = "UPDATE sales SET import_id = NULL WHERE import_id = :import"
