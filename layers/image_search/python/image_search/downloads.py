"""The bundle's files, which are downloaded while the process imports the rest."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from image_search import s3_connection
from image_search.s3 import Bucket
from image_search.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Downloads:
    """Downloads that run in one background thread, which also creates the S3 client.

    Neither the imports of a cold start nor the creation of the client (about 200 ms) waits for
    the other.
    """

    def __init__(self, settings: Settings, *names: str) -> None:
        """Start to download files of the bundle that the settings name, in this order."""
        self._bucket, self._bundle = settings.model_bucket, settings.bundle
        pool = ThreadPoolExecutor(1)
        self._client = pool.submit(s3_connection.client)
        self._files: dict[str, Future[bytes]] = {
            name: pool.submit(self.read, settings.bundle, name) for name in names
        }

    @property
    def client(self) -> S3Client:
        """The client that downloads, for the other buckets too."""
        return self._client.result()

    def take(self, name: str) -> bytes:
        """The bytes of a file of the bundle, which are not kept; it is read now if it must be."""
        download = self._files.pop(name, None)
        return download.result() if download else self.read(self._bundle, name)

    def read(self, bundle: str, name: str) -> bytes:
        """Read a file of any bundle."""
        return Bucket(self._bucket, self.client).read_key(f"{bundle}/{name}")
