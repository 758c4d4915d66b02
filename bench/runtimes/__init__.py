"""One small program per runtime: the same images and texts, embedded as it is usually done there.

Each is started as `<program> WEIGHTS THREADS` and speaks the lines that `protocol.py` describes.
"""
