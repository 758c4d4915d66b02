"""Cursors: the place after a page of matches, as text that fits only the same query."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import replace
from hashlib import blake2b

from image_search.errors import CursorError
from image_search.pinecone_index import MAX_RANK
from image_search.query import Inline, Query
from image_search.ranking import Position, Ranked


def cursor_of(position: Position | None, query: Query, bundle: str) -> str | None:
    """The cursor of the next page; None if there is none."""
    if position is None:
        return None
    id_, score = position.last
    scores = [round(number, 7) for number in (score, position.best_score)]  # those of a float32
    parts = [_digest(query, bundle), position.rank, id_, *scores]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def position_of(cursor: str, query: Query, bundle: str) -> Position:
    """The place that the cursor of a page names.

    Raises:
        CursorError: the cursor is damaged, or belongs to another query.
    """
    try:
        digest, rank, id_, score, best = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        position = Position(Ranked(str(id_), float(score)), int(rank), float(best))
    except (ValueError, TypeError, OverflowError):
        raise CursorError("the cursor is not that of any page") from None
    if not (math.isfinite(position.last.score) and math.isfinite(position.best_score)):
        raise CursorError("the cursor is not that of any page")
    if digest != _digest(query, bundle) or not 0 < position.rank < MAX_RANK:
        raise CursorError("the cursor belongs to another query; ask for its first page")
    return position


def _digest(query: Query, bundle: str) -> str:
    """A digest of everything that must be equal on all pages of a query."""
    terms = tuple(
        replace(term, image=term.digest.encode()) if isinstance(term, Inline) else term
        for term in query.terms
    )
    parts = (bundle, terms, query.filter, query.collapse)
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
