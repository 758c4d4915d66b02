"""The errors that the service responds with."""


class RefusedError(Exception):
    """A request that the service refuses.

    `status` is the HTTP status; `code` and `reason` are the gRPC status in the body.
    """

    status = 400
    code = 3
    reason = "INVALID_ARGUMENT"

    def __init__(self, message: str) -> None:
        """Keep the message for the body of the response."""
        super().__init__(message)
        self.message = message


class InvalidError(RefusedError):
    """The request itself is wrong; the same request never succeeds."""


class TooLargeError(RefusedError):
    """The body is larger than the service accepts."""

    code = 11
    reason = "OUT_OF_RANGE"


class UnauthenticatedError(RefusedError):
    """The request has no API key."""

    status = 401
    code = 16
    reason = "UNAUTHENTICATED"


class ForbiddenError(RefusedError):
    """A setting of the index forbids the operation."""

    status = 403
    code = 7
    reason = "FORBIDDEN"


class NotFoundError(RefusedError):
    """The index, the namespace or the route does not exist."""

    status = 404
    code = 5
    reason = "NOT_FOUND"


class AlreadyExistsError(RefusedError):
    """The name is taken."""

    status = 409
    code = 6
    reason = "ALREADY_EXISTS"
