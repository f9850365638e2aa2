"""Why a cell cannot be used, as a list of faults says it: whose column it is, what stands there, what is wrong."""

from __future__ import annotations

QUOTED = 40
"""Characters of a cell that a reason repeats."""


def quoted(written: str) -> str:
    """The cell as a reason repeats it, short and in quotation marks."""
    bare = " ".join(written.split())
    return f"“{bare}”" if len(bare) <= QUOTED else f"“{bare[: QUOTED - 1]}…”"


def of_cell(column: str, written: str, why: object) -> str:
    """The reason with its column and its cell ("Phone “12”: too short"), for people, without a full stop.

    An empty cell is not repeated, nor one that `why` repeats itself.
    """
    reason = str(why).removesuffix(".")
    is_said = not written.strip() or quoted(written) in reason
    return f"{column}: {reason}" if is_said else f"{column} {quoted(written)}: {reason}"
