"""Pages of sorted names; a token is the last name of the page before it."""

from base64 import b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from .errors import InvalidError


def page(
    names: Sequence[str], limit: int, token: str | None, prefix: str = ""
) -> tuple[list[str], dict[str, Any]]:
    """One page of sorted names, and the pagination token of the next page, if there is one."""
    after = _decoded(token) if token else ""
    start = max(bisect_right(names, after), bisect_left(names, prefix))
    rest = [name for name in names[start : start + limit + 1] if name.startswith(prefix)]
    shown = rest[:limit]
    more = len(rest) > len(shown)
    return shown, {"pagination": {"next": _encoded(shown[-1])}} if more else {}


def _encoded(name: str) -> str:
    return urlsafe_b64encode(name.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidError("The pagination token is not one that this index gave out") from error
