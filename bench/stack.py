"""The stack of `make demo` with the offline model, for a benchmark."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.service import free_port
from local.stack import BUNDLE, LocalStack, started


@contextmanager
def local_stack(bundle: Path = BUNDLE) -> Iterator[LocalStack]:
    """A fresh stack on free ports until the block ends."""
    with (
        tempfile.TemporaryDirectory() as data,
        started(Path(data), bundle, free_port(), free_port(), lambda _: None) as local,
    ):
        yield local
