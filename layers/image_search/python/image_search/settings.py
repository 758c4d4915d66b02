"""The environment of a function as one validated object."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# Lambda gives one vCPU for each 1,769 MB of memory.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_MEGABYTES_PER_CPU = 1769


class Settings(BaseModel):
    """The variables that the template sets, each in the field of the same name in lower case."""

    model_config = ConfigDict(frozen=True)

    images_bucket: str
    images_prefix: str = Field(default="", description="How the key of every image begins")
    thumbnails_bucket: str
    model_bucket: str
    bundle: str = Field(description="Id of the bundle, its prefix in the model bucket")
    other_bundle: str = Field(
        default="", description="Id of a second bundle that is indexed too, while a model changes"
    )
    index_host: str = Field(description="URL of the index's data plane")
    uploads_queue: str = Field(
        default="", description="URL of the queue; only the doctor function has it"
    )
    index_concurrency: int = Field(
        default=0,
        description="Most concurrent executions of the index function; only the doctor has it",
    )
    pinecone_secret: str = Field(description="Name of the secret that holds the Pinecone API key")
    reads: Literal["open", "signed-in"] = "open"
    writes: Literal["open", "signed-in", "off"] = "off"
    heic: Literal["on", "off"] = "on"
    signed_urls: bool = Field(default=False, description="Whether browsers get images from S3")
    sign_in_client: str = Field(
        default="", description="The page's client id in Cognito; empty without sign-in"
    )
    sign_in_issuer: str = Field(default="", description="URL of the issuer of the tokens")
    sign_in_address: str = Field(default="", description="URL of the page on which people sign in")
    memory: int = Field(default=_MEGABYTES_PER_CPU, alias="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")

    @property
    def threads(self) -> int:
        """Whole vCPUs of this function, at least one; further threads would only wait."""
        return max(1, self.memory // _MEGABYTES_PER_CPU)

    @property
    def decodes_heic(self) -> bool:
        """Whether HEIC is decoded."""
        return self.heic == "on"

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings of this process.

        Raises:
            pydantic.ValidationError: a variable is missing or wrong; the message names it.
        """
        names = {
            field.alias or name.upper(): field.alias or name
            for name, field in cls.model_fields.items()
        }
        return cls.model_validate(
            {field: os.environ[name] for name, field in names.items() if name in os.environ}
        )
