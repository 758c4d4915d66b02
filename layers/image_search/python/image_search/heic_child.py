"""The process that decodes one HEIC: the file on standard input, pixels on standard output.

    python -I -S heic_child.py PATH-OF-THE-DECODER MEGABYTES SECONDS

The parent assumes that the file may take over this process. Before it reads the file, the process
gives up its rights: it cannot open files or sockets or exceed its limits. It has no environment.
"""

import base64
import json
import resource
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from typing import Any


def main(path: str, megabytes: int, seconds: int) -> None:
    """Write a line of JSON before decoding, another after it, and then the rows of pixels.

    Nothing is written if the file is not HEIC.
    """
    loader = ExtensionFileLoader("_pi_heif", path)
    decoder = module_from_spec(ModuleSpec("_pi_heif", loader, origin=path))
    loader.exec_module(decoder)
    give_up_rights(megabytes, seconds)
    # One thread; eight bits; rows without padding; the library's own limits stay on.
    images = decoder.load_file(sys.stdin.buffer.read(), 1, True, False, True, False, "", False)
    image = next(found for found in images if found is not None and found.primary)
    answer({}, image)
    pixels = image.data
    answer(described(image), image)
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()


def answer(about: dict[str, Any], image: Any) -> None:
    """Write a line of JSON."""
    (width, height), mode = image.size_mode
    line = {"width": width, "height": height, "mode": mode, **about}
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")
    sys.stdout.buffer.flush()


def give_up_rights(megabytes: int, seconds: int) -> None:
    """Refuse further files, sockets and core dumps; limit memory and processor time."""
    for what, limit in (
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, megabytes * 2**20),
        (resource.RLIMIT_CPU, seconds),
    ):
        resource.setrlimit(what, (limit, limit))


def described(image: Any) -> dict[str, Any]:
    """EXIF, XMP and the colour profile in base64, or the numbers of its colours."""
    found: dict[str, bytes] = {}
    for item in image.metadata:
        kind = "exif" if item["type"] == "Exif" else "xmp"
        if kind == "exif" or item.get("content_type") == "application/rdf+xml":
            found.setdefault(kind, item["data"])
    profile, numbers = image.color_profile or {}, {}
    if profile.get("type") in ("rICC", "prof"):
        found["profile"] = profile["data"]
    elif profile.get("type") == "nclx":
        names = ("color_primaries", "transfer_characteristics")
        numbers = {"nclx": [int(profile["data"][name]) for name in names]}
    return {name: base64.b64encode(data).decode() for name, data in found.items()} | numbers


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:]))
