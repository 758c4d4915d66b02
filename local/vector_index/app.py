"""The service as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette

from . import control, data
from .edge import HANDLED, error_response
from .store import Store


def create_app(directory: Path) -> Starlette:
    """Create the application of both planes on the data in `directory`, closed at shutdown."""
    store = Store(directory)

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        yield
        with store.lock:
            store.close()

    app = Starlette(
        routes=[*control.ROUTES, *data.ROUTES],
        exception_handlers=dict.fromkeys(HANDLED, error_response),
        lifespan=closing,
    )
    app.state.store = store
    return app
