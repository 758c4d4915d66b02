"""Exceptions that carry data. The edge (a handler) decides how to say them."""

from __future__ import annotations


class RejectedError(Exception):
    """An object that can never be indexed, however often it is tried."""

    reason = "rejected"


class UnreadableImageError(RejectedError):
    """The bytes do not decode as a picture in a supported format."""

    reason = "not-a-readable-image"

    def __init__(self, detail: str) -> None:
        """Keep what the decoder said."""
        super().__init__(f"the bytes do not decode as a picture: {detail}")


class EmptyFileError(RejectedError):
    """There is not one byte."""

    reason = "an-empty-file:-upload-it-again"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the file is empty; upload it again")


class CutOffError(RejectedError):
    """The file ends before enough of its image is there."""

    reason = "cut-off:-upload-it-again"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the file is cut off; upload it again")


class UnsupportedFormatError(RejectedError):
    """A format that is known and not read."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, which names the format and what to do."""
        self.reason = reason
        super().__init__(reason.replace("-", " "))


class RawError(RejectedError):
    """A camera's raw file that holds no JPEG of its image."""

    reason = "camera-raw-without-a-preview:-export-it-as-JPEG"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("a camera's raw file without a JPEG inside; export it as JPEG")


class HeicOffError(RejectedError):
    """A HEIC where nobody wants them decoded."""

    reason = "HEIC-is-not-decoded-here:-save-it-as-JPEG"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("HEIC is not decoded here (parameter Heic); save it as JPEG")


class DamagedHeicError(RejectedError):
    """A HEIC that does not decode: damaged, of a kind that is not read, or made to harm."""

    reason = "HEIC-that-does-not-decode:-save-it-as-JPEG"

    def __init__(self, detail: str) -> None:
        """Keep what happened."""
        super().__init__(f"the HEIC does not decode: {detail}; save it as JPEG")


class ArchivedError(RejectedError):
    """An object in a storage class that nothing is read from before somebody restores it."""

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
        """Keep both sizes, in bytes."""
        super().__init__(f"{got} bytes, at most {limit} are allowed; store a smaller copy")


class TooManyPixelsError(RejectedError):
    """The picture has more pixels than may be decoded."""

    reason = "too-many-pixels"

    def __init__(self, width: int, height: int, limit: int) -> None:
        """Keep the size, in pixels."""
        super().__init__(
            f"{width} × {height} pixels, at most {limit} are allowed; store a smaller copy"
        )


class TooManyPartsError(RejectedError):
    """A file made of so many pieces that decoding it would take minutes or all memory."""

    reason = "too-many-parts"

    def __init__(self, limit: int, parts: str) -> None:
        """Keep what there is too much of."""
        super().__init__(f"more than {limit} {parts}; save the picture again with another program")


class ImageNotFoundError(Exception):
    """No object has this key."""

    def __init__(self, key: str) -> None:
        """Keep the key."""
        self.key = key
        super().__init__(f"no image has the key {key!r}; GET /api/images lists the keys")


class ImageExistsError(Exception):
    """An upload would replace an object."""

    def __init__(self, key: str) -> None:
        """Keep the key."""
        self.key = key
        super().__init__(
            f"an image with the key {key!r} exists; choose another key or send replace: true"
        )


class QueryError(Exception):
    """A query that asks for nothing that can be searched; the message says what to send."""


class TermsCancelError(QueryError):
    """The terms of a query add up to nothing."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the terms cancel each other out; change a weight or leave a term out")


class EmptyCropError(QueryError):
    """A crop of less than one pixel."""

    def __init__(self, width: int, height: int) -> None:
        """Keep the size of the picture, in pixels."""
        super().__init__(f"the crop is less than a pixel of the picture's {width} × {height}")


class CursorError(Exception):
    """A cursor that no page of the query came with."""


class VectorIndexError(Exception):
    """The vector index did not answer a request."""


class VectorIndexBusyError(VectorIndexError):
    """The vector index asked to be called less often."""


class VectorIndexTimeoutError(VectorIndexError):
    """The vector index took too long to answer."""


class QueueError(Exception):
    """The uploads queue did not take every message; none is lost by sending them again."""


class BundleError(Exception):
    """A bundle that must not serve: incomplete, altered or wrong on this processor."""
