"""Measurements: run one by its name, `python -m bench.start`."""
