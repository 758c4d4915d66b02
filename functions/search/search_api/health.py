"""The response of the health, as typed, documented models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from image_search.bundle import Fidelity, Manifest, Scores
from search_api.model import Model


class BundleInfo(Model):
    """The model that serves."""

    id: str
    name: str
    dimension: int
    notice: str
    precision: str
    processor: str = Field(description="The processor that it was built for")
    self_test_cosine: float = Field(description="Cosine of the text tower to full precision")
    fidelity: dict[str, Fidelity] = Field(
        description="How near each tower comes to full precision, measured by the build"
    )
    scores: Scores = Field(description="What scores of words and of images mean")

    @classmethod
    def of(cls, manifest: Manifest, self_test_cosine: float) -> BundleInfo:
        """Build the response from a manifest."""
        told = vars(manifest) | {"self_test_cosine": round(self_test_cosine, 4)}
        return cls.model_validate({name: told[name] for name in cls.model_fields})


class SignIn(Model):
    """The sign-in: OpenID Connect, authorization code with PKCE."""

    client: str
    issuer: str
    address: str = Field(description="URL of the sign-in page")


class Health(Model):
    """The state and the configuration of the system."""

    status: Literal["ok"]
    bundle: BundleInfo
    index: dict[str, int]
    images_bucket: str
    images_prefix: str = Field(description="How the key of every image begins; usually empty")
    reads: Literal["open", "signed-in"]
    writes: Literal["open", "signed-in", "off"]
    sign_in: SignIn | None = Field(description="Null if no route requires a sign-in")
