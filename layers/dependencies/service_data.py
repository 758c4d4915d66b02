"""Reduces botocore's data to what the functions read: `python service_data.py BOTOCORE/data`.

botocore reads the description of a service, and the endpoints of all services, whenever it creates
a client. The functions use three services and no documentation. Without the rest, an S3 client
takes 30 ms of a start instead of 80.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

_SERVICES = {"s3", "secretsmanager", "sqs"}


def main() -> None:
    """Remove other services, and write the data of these without documentation, uncompressed."""
    data = Path(sys.argv[1])
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in _SERVICES:
            shutil.rmtree(folder)
    for path in data.rglob("*.json.gz"):
        _write(path.with_suffix(""), _undocumented(json.loads(gzip.decompress(path.read_bytes()))))
        path.unlink()
    endpoints = data / "endpoints.json"
    known = json.loads(endpoints.read_bytes())
    for partition in known["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in _SERVICES & services.keys()}
    _write(endpoints, known)


def _undocumented(value: Any) -> Any:
    """The value with empty documentation. A shape may have a member of that name, which is kept."""
    if isinstance(value, list):
        return [_undocumented(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "" if key == "documentation" and isinstance(item, str) else _undocumented(item)
        for key, item in value.items()
    }


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")))


if __name__ == "__main__":
    main()
