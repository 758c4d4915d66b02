"""The demo ends with a reason where it cannot go on."""

import json
import types

import httpx
import pytest

from local import demo
from local.service import ServiceError
from model.clip.precisions import host
from model.download import DownloadError, HubUnreachableError


def stack(tmp_path, *states):
    """A stack that lists images of these states."""
    log = tmp_path / "emulator.log"
    log.write_text("INFO started\n[ERROR] BundleError: cannot embed two images at once\n")
    images = [{"key": str(number), "state": state} for number, state in enumerate(states)]
    body = json.dumps({"images": images, "cursor": None})
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    client = httpx.Client(transport=transport, base_url="http://local")
    return types.SimpleNamespace(client=lambda: client, log=log)


def test_images_that_stay_pending_end_the_wait_with_the_functions_log(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "_STALLED_SECONDS", 0)
    monkeypatch.setattr(demo, "_POLL_SECONDS", 0)

    with pytest.raises(ServiceError, match=r"2 are waiting; .*\n.*cannot embed two images"):
        demo.wait_until_indexed(stack(tmp_path, "pending", "indexed", "pending"))


def test_the_wait_ends_when_nothing_is_pending(tmp_path):
    demo.wait_until_indexed(stack(tmp_path, "indexed", "rejected"))


def built(monkeypatch, *failures):
    """The bundles that are built, by name and processor, after failures."""
    asked, left = [], list(failures)

    def build(name, out, say, processor="arm64"):
        asked.append((name, processor))
        if left:
            raise left.pop()
        return out / name

    monkeypatch.setattr(demo, "build", build)
    return asked


def test_a_model_is_built_for_the_processor_of_this_machine(monkeypatch):
    asked = built(monkeypatch)

    demo._bundle("clip-vit-b32", print)

    assert asked == [("clip-vit-b32", host())]


def test_only_without_its_hub_the_offline_model_serves_instead(monkeypatch):
    lines = []
    asked = built(monkeypatch, HubUnreachableError("no connection"))

    assert demo._bundle("clip-vit-b32", lines.append).name == "offline"
    assert asked[1][0] == "offline"
    assert "CONTINUING WITH THE OFFLINE MODEL" in lines[0]

    built(monkeypatch, DownloadError("another checksum"))
    with pytest.raises(DownloadError):
        demo._bundle("clip-vit-b32", lines.append)
