"""Customers picked by hand stay picked when they prove to be the same person as somebody else."""

from __future__ import annotations

from sqlalchemy import text

from app.extensions import db


def follow(into: int, gone: int) -> None:
    """Whoever picked the customer `gone` (both are ids) means `into` from now on; each is picked once."""
    db.session.execute(_FOLLOW, {"into": into, "gone": gone})


_FOLLOW = text(
    """
    UPDATE campaigns c SET segment_query = jsonb_set(c.segment_query, '{customer_ids}', (
        SELECT jsonb_agg(id ORDER BY place) FROM (
            SELECT CASE WHEN picked.id = :gone THEN :into ELSE picked.id END AS id, min(picked.place) AS place
            FROM (SELECT CAST(value AS bigint) AS id, place
                  FROM jsonb_array_elements_text(c.segment_query -> 'customer_ids') WITH ORDINALITY t(value, place)
                 ) picked
            GROUP BY 1) kept))
    WHERE c.target_type = 'manual' AND c.segment_query -> 'customer_ids' @> to_jsonb(CAST(:gone AS bigint))
    """
)
