"""Exceptions that carry data; the handlers translate them into responses."""

from __future__ import annotations


class RejectedError(Exception):
    """The object can never be indexed, so retries are useless."""

    reason = "rejected"


class UnreadableImageError(RejectedError):
    """The bytes do not decode as an image in a supported format."""

    reason = "not-a-readable-image"

    def __init__(self, detail: str) -> None:
        """Include the error of the decoder."""
        super().__init__(
            f"no image can be read in the file ({detail}); save it as JPEG or PNG and upload that"
        )


class EmptyFileError(RejectedError):
    """The file is empty."""

    reason = "empty-file"

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("the file is empty; upload it again")


class CutOffError(RejectedError):
    """The file ends before most of its image."""

    reason = "cut-off"

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("the file is cut off; upload it again")


class UnsupportedFormatError(RejectedError):
    """A format that is recognised and not read."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep the reason; the detail names the format and the remedy."""
        self.reason = reason
        super().__init__(detail)


class RawError(RejectedError):
    """A raw file of a camera without a JPEG of its image."""

    reason = "raw-without-preview"

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("a camera's raw file without a JPEG inside; export it as JPEG")


class DamagedHeicError(RejectedError):
    """A HEIC that does not decode: damaged, of a kind that is not read, or malicious."""

    reason = "damaged-heic"

    def __init__(self, detail: str) -> None:
        """Include the cause."""
        super().__init__(f"the HEIC does not decode: {detail}; save it as JPEG")


class ArchivedError(RejectedError):
    """An object in an archive storage class, which must be restored before it can be read."""

    reason = "archived"

    def __init__(self, key: str) -> None:
        """Keep the key."""
        super().__init__(f"{key!r} is archived; restore it, then it is indexed")


class EncryptedError(RejectedError):
    """An object that is encrypted with a key which only its owner has."""

    reason = "encrypted"

    def __init__(self, key: str) -> None:
        """Keep the key."""
        super().__init__(f"{key!r} is encrypted with a customer's key; store it without")


class TooManyBytesError(RejectedError):
    """The object is larger than an image may be."""

    reason = "too-many-bytes"

    def __init__(self, got: int, limit: int) -> None:
        """Include both sizes, in bytes."""
        super().__init__(f"{got} bytes, at most {limit} are allowed; store a smaller copy")


class TooManyPixelsError(RejectedError):
    """The image has more pixels than may be decoded."""

    reason = "too-many-pixels"

    def __init__(self, width: int, height: int, limit: int) -> None:
        """Include the size and the limit, in pixels."""
        super().__init__(
            f"{width} × {height} pixels, at most {limit} are allowed; store a smaller copy"
        )


class TooManyPartsError(RejectedError):
    """The file has so many parts that decoding it would exhaust time or memory."""

    reason = "too-many-parts"

    def __init__(self, limit: int, parts: str) -> None:
        """Include the limit and the kind of the parts."""
        super().__init__(f"more than {limit} {parts}; save the image again with another program")


class ImageNotFoundError(Exception):
    """No object has this key."""

    def __init__(self, key: str) -> None:
        """Include the key."""
        self.key = key
        super().__init__(f"no image has the key {key!r}; GET /api/images lists the keys")


class ImageExistsError(Exception):
    """The upload would replace an object."""

    def __init__(self, key: str) -> None:
        """Include the key."""
        self.key = key
        super().__init__(
            f"an image with the key {key!r} exists; choose another key or send its etag as replace"
        )


class QueryError(Exception):
    """The query is invalid; the message states the remedy."""


class OutsidePrefixError(QueryError):
    """The key is not of the part of the bucket that is indexed."""

    def __init__(self, key: str, prefix: str) -> None:
        """Include the key and the prefix."""
        super().__init__(f"the key {key!r} does not begin with {prefix!r}, as all images here do")


class TermsCancelError(QueryError):
    """The terms of the query cancel each other out."""

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("the terms cancel each other out; change a weight or leave a term out")


class EmptyCropError(QueryError):
    """The crop is smaller than one pixel."""

    def __init__(self, width: int, height: int) -> None:
        """Include the size of the image, in pixels."""
        super().__init__(f"the crop is smaller than one pixel of the image's {width} × {height}")


class TooManyQueryPixelsError(Exception):
    """The images of a query have more pixels together than may be decoded for it."""

    def __init__(self, images: str, got: int, limit: int) -> None:
        """Include which images, and the numbers of pixels."""
        super().__init__(
            f"{images} have {got} pixels together, at most {limit} are decoded for one query; "
            "send smaller copies, models see about 250 pixels a side, or name fewer images"
        )


class CursorError(Exception):
    """The cursor does not belong to the query."""


class DeadlineError(Exception):
    """The request cannot be answered within its time."""

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("the request takes too long; try again soon, or ask for less at once")


class VectorIndexError(Exception):
    """The vector index did not respond to a request."""


class VectorIndexBusyError(VectorIndexError):
    """The vector index limited the rate of requests."""


class VectorIndexRefusedError(VectorIndexError):
    """The vector index refused what was sent to it; a retry of the same is useless."""


class VectorIndexTimeoutError(VectorIndexError):
    """The vector index took too long to respond."""


class QueueError(Exception):
    """The uploads queue refused some messages; all may safely be sent again."""


class BundleError(Exception):
    """The bundle must not serve: it is incomplete, altered or wrong on this processor."""


class ObjectChangedError(Exception):
    """The object was replaced or deleted after its state was read."""


class DeleteRefusedError(Exception):
    """S3 refused to delete some objects."""

    def __init__(self, keys: list[str], answer: object) -> None:
        """Include the keys and the answer of S3."""
        self.keys = keys
        super().__init__(f"S3 refused to delete {answer}")
