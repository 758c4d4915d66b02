"""The process that decodes HEIC: its missing rights, and how it ends."""

import ctypes
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import _pi_heif
import pytest

from image_search import heic
from image_search.errors import DamagedHeicError, TooManyPixelsError
from tests.unit.kinds import HEIC

PLAIN = (HEIC / "plain.heic").read_bytes()
_PR_GET_DUMPABLE = 3
PROMISE = '{"width": 9, "height": 9, "mode": "RGB"}'
HUGE = '{"width": 900000, "height": 900000, "mode": "RGB", "exif": 7}'
# What a file that takes the child over would try; the child says "reached" for each that works.
_ATTACKS = """
import os, runpy, socket, sys
child = runpy.run_path({child!r})
child["give_up_rights"](1024, 20)
def reached(attack):
    try:
        attack()
    except OSError:
        return ""
    return "reached"
parent = os.getppid()
print(
    reached(lambda: open(f"/proc/{{parent}}/environ").read()),
    reached(lambda: open(f"/proc/{{parent}}/mem", "rb")),
    reached(lambda: open("/etc/passwd")),
    reached(lambda: open("/tmp/heic", "w")),
    reached(lambda: socket.socket()),
    reached(lambda: os.pipe()),
    sorted(set(os.environ) - {{"LC_CTYPE", "LD_LIBRARY_PATH"}}),
    sep="|",
)
"""


def allow(width, height):
    """Any size."""


def test_a_child_that_is_taken_over_reaches_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    script = tmp_path / "attack.py"
    script.write_text(_ATTACKS.format(child=str(heic._CHILD)))

    completed = subprocess.run(
        [sys.executable, "-I", "-S", script],
        env=heic._environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert completed.stdout.strip() == "||||||[]"


def test_no_process_reads_memory_or_environment_of_the_one_with_credentials():
    heic.decode(PLAIN, allow)

    assert ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0


def test_the_child_inherits_no_open_file(tmp_path, monkeypatch):
    listing = tmp_path / "child.py"
    listing.write_text("import os\nprint(sorted(os.listdir('/proc/self/fd')))")
    monkeypatch.setattr(heic, "_CHILD", listing)
    with Path("/etc/passwd").open("rb") as file:
        os.set_inheritable(file.fileno(), True)
        with heic._child(PLAIN) as answer:
            assert answer.read() == b"['0', '1', '2', '3']\n"  # 3 is the folder that it lists


def test_an_image_whose_size_is_refused_is_not_decoded(tmp_path, monkeypatch):
    """Bombs are small files: its pixels would not fit."""
    script = tmp_path / "child.py"
    script.write_text(f"print('{PROMISE}', flush=True)\nimport time\ntime.sleep(60)")
    monkeypatch.setattr(heic, "_CHILD", script)

    def refuse(width, height):
        raise TooManyPixelsError(width, height, 5)

    with pytest.raises(TooManyPixelsError, match="9 × 9"):
        heic.decode(PLAIN, refuse)


CHILDREN = {
    "hangs": "import time\ntime.sleep(60)",
    "dies": "import os\nos._exit(1)",
    "empty": "import sys\nsys.stdout.write('{}')",
    "list": "print('[1, 2]')",
    "promises": f"print('{PROMISE}')",
    "short": f"print('{PROMISE}\\\\n{PROMISE}\\\\nabc')",
    "negative": """print('{"width": -9, "height": 9, "mode": "RGB"}')""",
    "mode": """print('{"width": 9, "height": 9, "mode": "exec"}')""",
    "huge": f"print('{PROMISE}\\\\n{HUGE}')",
    "endless": "while True: print('x' * 1_000_000, end='')",
}


@pytest.mark.parametrize("child", CHILDREN.values(), ids=CHILDREN)
def test_an_invalid_response_of_the_child_rejects_the_image(child, tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text(child)
    monkeypatch.setattr(heic, "_CHILD", script)
    monkeypatch.setattr(heic, "_SECONDS", 0.5)

    with pytest.raises(DamagedHeicError):
        heic.decode(PLAIN, allow)


def test_a_child_that_needs_too_much_memory_is_rejected(monkeypatch):
    monkeypatch.setattr(heic, "_MEGABYTES", 1)

    with pytest.raises(DamagedHeicError):
        heic.decode(PLAIN, allow)


def test_the_list_of_advisories_is_that_of_the_versions_inside_the_wheel():
    about = _pi_heif.get_lib_info()
    inside = {
        "libheif": about["libheif"],
        "libde265": about["decoders"]["libde265"].rpartition(" ")[2],
    }
    known = (Path(__file__).parents[2] / "docs" / "security.md").read_text()

    listed = re.findall(r"^\| (lib\w+) ([\d.]+) \| (yes|no) \| ((?:\w{4}-){2}.+) \|$", known, re.M)

    versions = " and ".join(f"{library} {number}" for library, number in inside.items())
    assert f"`pi-heif-decoder` {version('pi-heif-decoder')}, " in known
    assert versions in known
    assert {library for library, *_ in listed} == inside.keys()
    for library, fixed, is_inside, _ in listed:
        least, has = (tuple(map(int, it.split("."))) for it in (fixed, inside[library]))
        assert (is_inside == "yes") == (least <= has), (library, fixed)
