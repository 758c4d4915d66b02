"""Refusals: the answers of the service when it does not do what was asked."""


class RefusedError(Exception):
    """A request that is not done.

    `status` is the HTTP status; `code` and `reason` are the number and the name
    that the service puts into the body.
    """

    status = 400
    code = 3
    reason = "INVALID_ARGUMENT"

    def __init__(self, message: str) -> None:
        """Carry the message that the client shows."""
        super().__init__(message)
        self.message = message


class InvalidError(RefusedError):
    """The request itself is wrong; the same request never succeeds."""


class TooLargeError(RefusedError):
    """The body is over the size the service accepts."""

    code = 11
    reason = "OUT_OF_RANGE"


class UnauthenticatedError(RefusedError):
    """No API key came with the request."""

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
