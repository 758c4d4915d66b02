"""The environment of a function as one validated object."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Literal

import msgspec

# Lambda gives one vCPU for each 1,769 MB of memory.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_MEGABYTES_PER_CPU = 1769


@dataclass(frozen=True)
class Settings:
    """The variables that the template sets, each in the field of the same name in lower case."""

    images_bucket: str
    thumbnails_bucket: str
    model_bucket: str
    bundle: str
    """Id of the bundle, its prefix in the model bucket."""
    index_host: str
    """URL of the index's data plane."""
    pinecone_secret: str
    """Name of the secret that holds the Pinecone API key."""
    images_prefix: str = ""
    """How the key of every image begins."""
    other_bundle: str = ""
    """Id of a second bundle that is indexed too, while a model changes."""
    uploads_queue: str = ""
    """URL of the queue; only the doctor function has it."""
    index_concurrency: int = 0
    """Most concurrent executions of the index function; only the doctor has it."""
    reads: Literal["open", "signed-in"] = "open"
    writes: Literal["open", "signed-in", "off"] = "off"
    heic: Literal["on", "off"] = "on"
    signed_urls: bool = False
    """Whether browsers get images from S3."""
    sign_in_client: str = ""
    """The page's client id in Cognito; empty without sign-in."""
    sign_in_issuer: str = ""
    """URL of the issuer of the tokens."""
    sign_in_url: str = ""
    """URL of the page on which people sign in."""
    aws_lambda_function_memory_size: int = _MEGABYTES_PER_CPU
    """In MB; Lambda sets it."""

    @property
    def threads(self) -> int:
        """Whole vCPUs of this function, at least one; further threads would only wait."""
        return max(1, self.aws_lambda_function_memory_size // _MEGABYTES_PER_CPU)

    @property
    def decodes_heic(self) -> bool:
        """Whether HEIC is decoded."""
        return self.heic == "on"

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings of this process.

        Raises:
            msgspec.ValidationError: a variable is missing or wrong; the message names its field.
        """
        names = {field.name: field.name.upper() for field in fields(cls)}
        given = {field: os.environ[name] for field, name in names.items() if name in os.environ}
        return msgspec.convert(given, cls, strict=False)
