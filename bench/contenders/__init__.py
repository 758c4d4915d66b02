"""One small program per contender: the same pictures and words, somebody else's way.

Each is started as `<program> WEIGHTS THREADS` and speaks the lines that `protocol.py` describes.
"""
