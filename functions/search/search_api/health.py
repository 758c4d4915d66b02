"""The response of the health check, as typed, documented models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from image_search.bundle import Fidelity, Manifest, Scores
from image_search.decoding import MAX_IMAGE_BYTES
from image_search.formats import CONTENT_TYPES, HEIC_OFF, UNREAD, ContentType
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
        description="How near each tower is to full precision, measured by the build"
    )
    scores: Scores = Field(description="What scores of words and of images mean")

    @classmethod
    def of(cls, manifest: Manifest, self_test_cosine: float) -> BundleInfo:
        """Build the response from a manifest."""
        known = vars(manifest) | {"self_test_cosine": round(self_test_cosine, 4)}
        return cls.model_validate({name: known[name] for name in cls.model_fields})


class SignIn(Model):
    """The sign-in: OpenID Connect, authorization code with PKCE."""

    client: str
    issuer: str
    url: str = Field(description="URL of the sign-in page")


class Uploads(Model):
    """What may be uploaded, by file extension; the content of a file decides its format."""

    max_bytes: int
    content_types: dict[str, ContentType] = Field(
        description="The type of each extension, in lower case, for `POST /api/uploads`",
        examples=[{"jpg": "image/jpeg"}],
    )
    unread: dict[str, str] = Field(
        description="For extensions of formats that are not read, a sentence with the remedy",
        examples=[{"jxl": "JPEG XL is not read; save it as JPEG or PNG"}],
    )

    @classmethod
    def of(cls, *, heic: bool) -> Uploads:
        """Build the response; HEIC is listed as read if `heic` is set."""
        formats = UNREAD if heic else (*UNREAD, HEIC_OFF)
        unread = {name: one.detail for one in formats for name in one.extensions}
        read = {name: kind for name, kind in CONTENT_TYPES.items() if name not in unread}
        return cls.model_validate(
            {"max_bytes": MAX_IMAGE_BYTES, "content_types": read, "unread": unread}
        )


class Health(Model):
    """The state and the configuration of the system."""

    status: Literal["ok"]
    bundle: BundleInfo
    index: dict[str, int]
    images_bucket: str
    images_prefix: str = Field(description="How the key of every image begins; usually empty")
    reads: Literal["open", "signed-in"]
    writes: Literal["open", "signed-in", "off"]
    uploads: Uploads
    sign_in: SignIn | None = Field(description="Null if no route requires a sign-in")
