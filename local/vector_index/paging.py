"""Pages of sorted names; a token is the last name of the page before it."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from .errors import InvalidError


def page(
    names: Iterable[str], limit: int, token: str | None, prefix: str = ""
) -> tuple[list[str], dict[str, Any]]:
    """The names of one page, and the pagination token of the next page, if there is one."""
    after = _decoded(token) if token else ""
    rest = sorted(name for name in names if name.startswith(prefix) and name > after)
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
