"""The error of building models."""


class ModelError(Exception):
    """A model cannot be built; the message names the cause and the remedy."""
