"""A collection of small images that keeps changing."""

from __future__ import annotations

import io
import random
from collections import Counter
from threading import RLock

import boto3
from PIL import Image

_NO_PICTURE = b"a note"
# Of every twenty changes of a collection that has some images.
_KINDS = ["put"] * 11 + ["replace"] * 5 + ["delete"] * 3 + ["spoil"]


class Collection:
    """The objects of the bucket, and the changes that led to them."""

    def __init__(self, bucket: str, seed: int) -> None:
        self.bucket, self.random = bucket, random.Random(seed)
        self.images: set[str] = set()
        self.others: set[str] = set()
        self.changes: Counter[str] = Counter()
        self._s3 = boto3.client("s3")
        self._lock = RLock()

    @property
    def keys(self) -> list[str]:
        """All keys that there are, images or not."""
        return sorted(self.images | self.others)

    def change(self, folder: str) -> str:
        """Make one change; returns its key."""
        with self._lock:
            kind = self.random.choice(_KINDS) if len(self.images) > 5 else "put"
            return self.put(folder) if kind == "put" else self._change_one(kind)

    def put(self, folder: str) -> str:
        """Put a new image."""
        with self._lock:
            self.changes["put"] += 1
            key = f"{folder}/{self.changes['put']} ü+.png"
            self._write(key, self._image())
            self.images.add(key)
            return key

    def replace(self, key: str) -> None:
        """Put another image in place of one, unless that was deleted meanwhile."""
        with self._lock:
            if key in self.images:
                self.changes["replace"] += 1
                self._write(key, self._image())

    def _change_one(self, kind: str) -> str:
        key = self.random.choice(sorted(self.images))
        if kind == "replace":
            self.replace(key)
            return key
        self.changes[kind] += 1
        self.images.discard(key)
        if kind == "spoil":
            self._write(key, _NO_PICTURE)
            self.others.add(key)
        else:
            self._s3.delete_object(Bucket=self.bucket, Key=key)
        return key

    def _write(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def _image(self) -> bytes:
        file = io.BytesIO()
        size = self.random.randint(8, 40), self.random.randint(8, 40)
        colour = tuple(self.random.randbytes(3))
        Image.new("RGB", size, colour).save(file, "PNG")
        return file.getvalue()
