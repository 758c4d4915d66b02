"""The offline model: a small joint model for pictures and words, built from packages alone."""
