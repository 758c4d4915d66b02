"""The AWS clients of the functions.

botocore makes them: boto3 adds its transfer manager and its resources, about 45 ms of each start,
and no function uses either.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


def client(service: str, config: Config | None = None) -> Any:
    """A client of the account, the region and the endpoint that the environment names."""
    return session().create_client(service, config=config)


@cache
def session() -> Session:
    """The session that all clients share, because it keeps the data files that it has read."""
    return get_session()
