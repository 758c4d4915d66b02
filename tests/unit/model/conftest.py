"""A hub that has nothing but a tiny CLIP."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from huggingface_hub import constants
from PIL import ImageOps

from model import build as builder
from model import download, verify
from model.clip.tokenizer import END, START
from model.registry import entry
from tests.unit.clip.tiny import TINY
from tests.unit.images import encoded, noise, photo
from tests.unit.servers import handled_by

DATA = Path(__file__).parents[1] / "clip" / "data"


class Hub:
    """Its files, its faults, and the requests that it received."""

    def __init__(self):
        self.files = {}
        self.status = 0
        """Answered to every request if set."""
        self.breaks_after = None
        """Bytes, after which the connection is closed."""
        self.asked = []
        self.url = ""

    def has(self, path, data):
        """Serve a file under `/path`, in every repository and revision."""
        self.files[path] = data


@contextmanager
def hub_on_this_machine():
    """Serve on a free port."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hub.asked.append(dict(self.headers))
            data = next((d for path, d in hub.files.items() if self.path.endswith(path)), None)
            if hub.status or data is None:
                self.send_error(hub.status or 404)
                return
            wanted = self.headers.get("Range")
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start : hub.breaks_after])

        def log_message(self, *_):
            pass

    with handled_by(Handler) as hub.url:
        yield hub


@contextmanager
def hub_in_use(folder, patch):
    """A local hub, whose files are downloaded to a folder."""
    patch.setattr(download, "FOLDER", folder / "downloads")
    patch.setattr(builder, "FOLDER", folder / "downloads")
    patch.setattr(download, "try_to_load_from_cache", lambda *_, **__: None)
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
    with hub_on_this_machine() as local:
        patch.setattr(constants, "ENDPOINT", local.url)
        yield local


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with hub_in_use(tmp_path, monkeypatch) as local:
        yield local


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    for seed in range(24):
        image = ImageOps.posterize(photo(48 + seed, 40), 1 + seed % 8)
        image.paste(noise(8 + seed, 8, seed=seed), (seed, seed // 2))
        (folder / f"{seed:02}.png").write_bytes(encoded(image))
    return folder


@pytest.fixture
def samples(sample_folder, monkeypatch):
    """A few images in place of the sample photographs."""
    monkeypatch.setattr(builder, "SAMPLES", sample_folder)
    return sample_folder


def tokenizer_file():
    """CLIP's kind of tokenizer with 60 tokens: letters, and the word cat."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "ca", "cat</w>"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    ends = {START: TINY.text.end_of_text - 1, END: TINY.text.end_of_text}
    model = {"vocab": vocabulary | ends, "merges": ["c a", "ca t</w>"]}
    return json.dumps({"model": model}).encode()


def tiny_entry(hub, monkeypatch, checkpoint="transformers.safetensors", **changes):
    """CLIP's entry with the tiny model's sizes, whose files the hub has."""
    clip = entry("clip-vit-b32")
    files = {}
    for name, data in (
        ("checkpoint", (DATA / checkpoint).read_bytes()),
        ("tokenizer", tokenizer_file()),
    ):
        file = getattr(clip, name)
        hub.has(file.path, data)
        pins = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        files[name] = file.model_copy(update=pins)
    sizes = {"vision": TINY.vision, "text": TINY.text, "dimension": TINY.dimension}
    tiny = clip.model_copy(update=files | sizes | changes)
    for module in (builder, verify):
        monkeypatch.setattr(module, "entry", lambda _: tiny)
    return tiny
