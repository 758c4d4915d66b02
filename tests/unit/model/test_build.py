"""From checkpoints of a hub to a bundle that serves, with a tiny CLIP in place of the real one."""

import json
import shutil
import types
from dataclasses import replace

import numpy as np
import pytest
from tokenizers import Tokenizer

from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError
from local import demo
from model import build as builder
from model import bundle_writer, fidelity, trial
from model.clip import precisions
from model.clip.tokenizer import clip_tokenizer
from model.download import DownloadError
from model.errors import ModelError
from model.fidelity import Measured
from model.registry import entries
from search_api.application import create_app
from tests.unit.api import Api
from tests.unit.clip.tiny import TINY
from tests.unit.indexes import World
from tests.unit.model.conftest import hub_in_use, tiny_entry
from tests.unit.settings import fake_services


def build(tmp_path, processor="arm64", precision=None):
    lines = []
    directory = builder.build("tiny", tmp_path / "bundles", lines.append, processor, precision)
    return directory, lines


def limited_to(monkeypatch, **limits):
    """Other limits than those of real models, whose vectors have 512 numbers."""
    limits = Measured(**({"cosine_mean": -1, "cosine_worst": -1, "top_ten": -1} | limits))
    for module in (trial, fidelity):
        monkeypatch.setattr(module, "LIMITS", limits)


CARRIED = [
    ("clip-vit-b32", "transformers.safetensors", "x86-64", "int8-reduced"),
    ("clip-vit-b32-datacomp", "open_clip.safetensors", "arm64", "int8"),
]


@pytest.mark.parametrize(("name", "checkpoint", "processor", "precision"), CARRIED)
def test_every_entry_becomes_a_demo_whose_images_are_found(
    name, checkpoint, processor, precision, hub, samples, tmp_path, monkeypatch
):
    tiny_entry(hub, monkeypatch, checkpoint)
    limited_to(monkeypatch)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "host", lambda: processor)

    bundle = load_directory(demo._bundle(name, print))

    assert bundle.manifest.id.startswith(f"{name}-{precision}-")
    assert bundle.manifest.processor == processor
    images, texts = ImageEncoder(bundle), TextEncoder(bundle)
    photographs = {path.name: path.read_bytes() for path in sorted(samples.iterdir())}
    world = World(images, **photographs)
    assert set(world.states(*photographs).values()) == {"indexed"}
    api = Api(world, create_app(fake_services(world, bundle, images, texts)))
    found = api.get("/api/search", text="a cat", top_k="100").body["matches"]
    assert {match["key"] for match in found} == set(photographs)
    assert np.all(np.isfinite([match["strength"] for match in found]))
    assert len(api.get("/api/search", key="03.png", top_k="5").body["matches"]) == 5


def test_no_entry_is_forgotten():
    assert {name for name, *_ in CARRIED} == set(entries())


def test_weights_that_eight_bits_cannot_carry_end_in_full_precision(
    hub, samples, tmp_path, monkeypatch
):
    """A hidden channel far beyond all others takes all levels, and no factor can be moved there."""
    limited_to(monkeypatch, cosine_mean=0.99, cosine_worst=0.95)
    trial = builder.load(tiny_entry(hub, monkeypatch), tmp_path, print)
    outliers = {name: value.copy() for name, value in trial.parameters.items()}
    for block in ("vision_model.encoder.layers.0", "vision_model.encoder.layers.1"):
        outliers[f"{block}.mlp.fc1.bias"][0] = 3000
        outliers[f"{block}.mlp.fc2.weight"][:, 0] = 0

    def tried(parameters):
        lines, changed = [], replace(trial, parameters=parameters)
        changed.chosen(changed.towers[0], "arm64", lines.append)
        return [line.split(":")[0].removeprefix("image tower, ") for line in lines]

    assert tried(trial.parameters) == ["int8"]
    assert tried(outliers) == ["int8", "int8-weights", "fp32"]


def measuring(monkeypatch, image, text):
    """Trials that find these cosines of int8 and of 8-bit weights, in place of the real ones."""

    def measured(self, tower, model):
        operators = {node.op_type for node in model.graph.node}
        int8, weights = image if tower.name == "image" else text
        cosine = 1.0
        if "MatMulNBits" in operators:
            cosine = weights
        elif "MatMulIntegerToFloat" in operators:
            cosine = int8
        return Measured(cosine, cosine, 1.0)

    monkeypatch.setattr(trial.Trial, "measured", measured)


@pytest.mark.parametrize(
    ("image", "text", "expected", "together"),
    [
        ((0.995, 0.999), (0.995, 0.999), ("int8", "int8"), "int8"),
        ((0.995, 0.999), (0.94, 0.999), ("int8", "int8-weights"), "mixed"),
        ((0.9, 0.98), (0.94, 0.999), ("fp32", "int8-weights"), "mixed"),
        ((0.9, 0.9), (0.9, 0.9), ("fp32", "fp32"), "fp32"),
    ],
)
def test_each_tower_gets_the_fastest_precision_within_the_limits_and_never_none(
    image, text, expected, together, hub, samples, tmp_path, monkeypatch
):
    measuring(monkeypatch, image, text)
    lines = []
    tried = builder.load(tiny_entry(hub, monkeypatch), tmp_path, lines.append)

    chosen = [tried.chosen(tower, "arm64", lines.append) for tower in tried.towers]

    assert tuple(one.fidelity.precision for one in chosen) == expected
    assert trial.precision_of(chosen) == together
    assert any(f"image tower, {expected[0]}: cosine" in line for line in lines)


def test_a_requested_precision_is_built_even_beyond_the_limits(hub, samples, tmp_path, monkeypatch):
    tiny_entry(hub, monkeypatch)
    limited_to(monkeypatch, cosine_mean=1.1)

    directory, lines = build(tmp_path, precision="int8")

    assert load_directory(directory).manifest.precision == "int8"
    assert any("NOT WITHIN the limits" in line for line in lines)


@pytest.fixture(scope="module")
def made(tmp_path_factory, sample_folder):
    """The folder of an ordinary bundle, which several tests read."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch, hub_in_use(folder, patch) as hub:
        patch.setattr(builder, "SAMPLES", sample_folder)
        limited_to(patch)
        tiny_entry(hub, patch)
        return build(folder)[0]


def test_scores_and_fidelity_of_a_bundle_are_in_its_manifest(made):
    manifest = load_directory(made).manifest

    for measured in (manifest.scores.words, manifest.scores.images):
        assert measured.unrelated <= measured.certain <= measured.best
        assert measured.typical <= measured.best
    assert manifest.duplicate_threshold >= 0.8
    assert 0.5 < manifest.fidelity["image"].cosine_worst <= 1


def test_every_input_is_named_in_the_manifest(made, hub, monkeypatch):
    tiny = tiny_entry(hub, monkeypatch)

    sources = json.loads((made / "model.json").read_text())["sources"]

    assert [s["sha256"] for s in sources] == [tiny.checkpoint.sha256, tiny.tokenizer.sha256]


def test_licence_size_and_minutes_are_reported_before_the_download(hub, tmp_path, monkeypatch):
    tiny_entry(hub, monkeypatch)
    hub.status = 404
    lines = []

    with pytest.raises(DownloadError):
        builder.build("tiny", tmp_path, lines.append)

    assert "licence MIT" in lines[0]
    assert "MB to download" in lines[0]
    assert "minutes" in lines[0]


def test_a_bundle_is_built_again_only_for_other_options(made, hub, samples, tmp_path, monkeypatch):
    tiny_entry(hub, monkeypatch)
    limited_to(monkeypatch)
    bundles = shutil.copytree(made.parent, tmp_path / "bundles")

    again, lines = build(tmp_path)

    assert again == bundles / made.name
    assert "is already in" in lines[0]
    assert "is already in" not in build(tmp_path, precision="int8-weights")[1][0]
    assert build(tmp_path, "x86-64")[0] != again


def test_a_disk_that_is_too_small_is_reported_before_the_download(hub, tmp_path, monkeypatch):
    tiny_entry(hub, monkeypatch)
    usage = types.SimpleNamespace(free=100 * 2**20)
    monkeypatch.setattr(builder.shutil, "disk_usage", lambda _: usage)

    with pytest.raises(ModelError, match="has 100 MB left, 200 MB are needed"):
        build(tmp_path)

    assert not hub.asked


def test_without_the_hub_nothing_is_written(hub, tmp_path, monkeypatch):
    tiny_entry(hub, monkeypatch)
    hub.status = 503

    with pytest.raises(DownloadError):
        build(tmp_path)

    assert not (tmp_path / "bundles" / "tiny-arm64").exists()


def test_a_checkpoint_of_another_shape_is_reported_by_the_names_of_its_parameters(
    hub, tmp_path, monkeypatch
):
    tiny_entry(hub, monkeypatch, dimension=24)

    with pytest.raises(ModelError, match=r"visual_projection.weight \(16, 32\), not \(24, 32\)"):
        build(tmp_path)


def test_a_tokenizer_of_another_kind_is_reported(hub, tmp_path):
    other = tmp_path / "tokenizer.json"
    other.write_text('{"model": {"vocab": []}}')

    with pytest.raises(ModelError, match=r"tokenizer.json is not CLIP's"):
        clip_tokenizer(other.read_text(), 12)


def test_a_long_text_keeps_its_end_token(made):
    tokenizer = Tokenizer.from_file(str(made / "tokenizer.json"))

    ids = tokenizer.encode("cat " * 100).ids

    assert len(ids) == TINY.text.context
    assert ids[-1] == TINY.text.end_of_text


def wrong_here(monkeypatch):
    """A self-test that no processor passes."""
    self_test = bundle_writer.self_test

    def impossible(*arguments):
        return replace(self_test(*arguments), minimum_cosine=1.1)

    monkeypatch.setattr(bundle_writer, "self_test", impossible)


def test_a_bundle_that_fails_its_self_test_is_not_taken_for_complete(
    hub, samples, tmp_path, monkeypatch
):
    tiny_entry(hub, monkeypatch)
    monkeypatch.setattr(precisions, "host", lambda: "x86-64-vnni")
    wrong_here(monkeypatch)

    with pytest.raises(BundleError, match="wrong on this processor"):
        build(tmp_path)

    assert not (tmp_path / "bundles" / "tiny-arm64" / "model.json").exists()


def test_a_bundle_for_another_processor_may_fail_its_self_test_here(
    hub, samples, tmp_path, monkeypatch
):
    tiny_entry(hub, monkeypatch)
    limited_to(monkeypatch)
    monkeypatch.setattr(precisions, "host", lambda: "x86-64")
    wrong_here(monkeypatch)

    directory, lines = build(tmp_path, "arm64")

    assert (directory / "model.json").exists()
    assert any("the bundle is for another processor" in line for line in lines)
