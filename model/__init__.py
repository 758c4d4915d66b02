"""How model bundles are made: `python -m model offline --out build/bundles`."""
