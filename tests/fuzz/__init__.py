"""Images that were damaged or made to harm: `python -m tests.fuzz.images`."""
