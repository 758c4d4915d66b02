"""The request of a listing: which images, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from image_search.errors import QueryError
from image_search.filters import ANY, MAX_FOLDERS, Filter
from image_search.names import name_parts
from image_search.s3_keys import MAX_KEY_BYTES
from search_api.fields import key_sized
from search_api.requests import Refinements

# A page costs one request to S3 and one to the index, which fetches 100 records at a time.
MAX_PAGE = 100


class ListParameters(Refinements):
    """Which images are listed. With conditions, a name or sort=newest the index answers."""

    prefix: Annotated[str, AfterValidator(key_sized)] = Field(
        "", max_length=MAX_KEY_BYTES, description="Only keys that begin with this"
    )
    cursor: Annotated[str, AfterValidator(key_sized)] = Field(
        "", max_length=MAX_KEY_BYTES, description="Cursor of the previous page"
    )
    limit: int = Field(48, ge=1, le=MAX_PAGE)
    folders: bool = Field(
        False, description="Only images and folders directly in the prefix, a folder"
    )
    state: Literal["rejected"] | None = Field(
        None, description="Only rejected images, in no order; a page may be empty"
    )
    reason: str = Field("", max_length=100, description="Of the rejection")
    sort: Literal["key", "newest"] = Field("key", description="newest: indexed images only")
    name: str = Field(
        "",
        max_length=255,
        description="Whole parts of a file name, such as `IMG_2041` or `2041`; "
        "indexed images only, the newest first",
    )

    @property
    def asks_index(self) -> bool:
        """Whether the index lists the images, which it does the newest first; S3 otherwise.

        Raises:
            QueryError: neither can.
        """
        index = self.sort == "newest" or bool(self.name) or self.filter() != ANY
        if (self.reason and not self.state) or (self.state and (self.folders or index)):
            raise QueryError(
                "reason needs state=rejected, which goes with no folders=true, order or condition"
            )
        return index

    def wanted(self) -> Filter:
        """The filter of a listing by the index.

        Raises:
            QueryError: the index cannot answer it.
        """
        if self.folders:
            raise QueryError("folders are listed in key order only, without name and conditions")
        prefix = self.prefix
        if prefix and (not prefix.endswith("/") or prefix.count("/") > MAX_FOLDERS):
            raise QueryError(
                "with sort=newest, name or a condition, prefix is a folder with its slash, of at "
                f"most {MAX_FOLDERS} levels"
            )
        if self.name and not name_parts(self.name):
            raise QueryError("name has neither letters nor digits")
        return replace(self.filter(), folder=prefix, name=self.name)
