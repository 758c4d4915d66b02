"""The environment of a function as one validated object; nothing else reads os.environ."""

from __future__ import annotations

import os
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# Lambda gives one vCPU for each 1,769 MB of memory.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_MEGABYTES_PER_CPU = 1769


class Settings(BaseModel):
    """What the template sets; each field is the variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True)

    images_bucket: str
    thumbnails_bucket: str
    model_bucket: str
    bundle: str = Field(description="Bundle id: prefix in the model bucket, namespace in the index")
    other_bundle: str = Field(
        default="", description="Id of a second bundle that is indexed too, while a model changes"
    )
    index_host: str = Field(description="URL of the index's data plane")
    uploads_queue: str = Field(default="", description="URL of the queue; the doctor's alone")
    index_concurrency: int = Field(
        default=0, description="Most concurrent executions of the index function; the doctor's"
    )
    pinecone_secret: str = Field(description="Name of the secret that holds the Pinecone API key")
    reads: Literal["open", "signed-in"] = "open"
    writes: Literal["open", "signed-in", "off"] = "off"
    signed_urls: bool = Field(default=False, description="Browsers get images from S3 itself")
    sign_in_client: str = Field(default="", description="Of the page, in Cognito; empty without")
    sign_in_issuer: str = Field(default="", description="Who issues the tokens")
    sign_in_address: str = Field(default="", description="Of the page that asks who one is")
    memory: int = Field(default=_MEGABYTES_PER_CPU, alias="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")

    @property
    def threads(self) -> int:
        """Whole vCPUs of this function, at least one: more threads than that only wait."""
        return max(1, self.memory // _MEGABYTES_PER_CPU)


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        pydantic.ValidationError: names each variable that is missing or wrong.
    """
    names = {
        field.alias or name.upper(): field.alias or name
        for name, field in Settings.model_fields.items()
    }
    return Settings.model_validate(
        {field: os.environ[name] for name, field in names.items() if name in os.environ}
    )
