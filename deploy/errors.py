"""What can go wrong between a checkout and a running stack."""


class DeployError(Exception):
    """A step failed; the message says which, why, and what to do."""
