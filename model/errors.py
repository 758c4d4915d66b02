"""What can go wrong while a model is made."""


class ModelError(Exception):
    """A model cannot be made; the message says why, and what to do."""
