"""The offline model: a small joint model for images and words, built from packages alone."""
