"""Settings and services for tests."""

from __future__ import annotations

from typing import Any

from image_search.bundle import Bundle
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.secrets import Secret
from image_search.services import Services
from image_search.settings import Settings
from tests.unit.fakes import FakeUploadsQueue
from tests.unit.indexes import World


def settings(**changes: Any) -> Settings:
    """The settings of a stack, with changes."""
    return Settings(
        **{
            "images_bucket": "images",
            "thumbnails_bucket": "thumbnails",
            "model_bucket": "model",
            "bundle": "tiny-fp32-00000000",
            "index_host": "https://secret.example",
            "pinecone_secret": "secret",
        }
        | changes
    )


def fake_services(
    world: World,
    bundle: Bundle,
    image_encoder: ImageEncoder,
    text_encoder: TextEncoder,
    **changes: Any,
) -> Services:
    """The services of a function that sees a world of fakes."""
    return Services(
        settings=settings(bundle=bundle.manifest.id, **changes),
        images=world.images,
        thumbnails=world.thumbnails,
        vectors=world.vectors,
        pinecone_key=Secret("never read"),
        uploads_queue=FakeUploadsQueue(),
        bundle=lambda: bundle,
        image_encoder=lambda: image_encoder,
        text_encoder=lambda: text_encoder,
    )
