"""The package as `sam build` makes it: small enough, and all that the functions need."""

import json
import subprocess

import pytest

from deploy.stack import ROOT
from local.stack import BUNDLE
from tests.package.functions import functions
from tests.package.sam_build import FUNCTIONS, PYTHON, built, machine

LIBRARY = ROOT / "layers" / "image_search" / "python"
pytestmark = pytest.mark.package

# Lambda allows 250 MiB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_BYTES = 200_000_000
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html, and the ABI of AArch64
ELF_MACHINES = {"x86_64": 62, "arm64": 183}
# Imports with nothing on the path but what is given, and reports what was compiled. The module of
# the handler is left out, because it connects to AWS.
ALONE = """
import importlib, json, sys
modules, sys.path[:0] = json.loads(sys.argv[1]), json.loads(sys.argv[2])
compiled = []
sys.addaudithook(lambda name, args: name == "compile" and compiled.append(str(args[1])))
for module in modules:
    importlib.import_module(module)
print(json.dumps(compiled))
"""


@pytest.fixture(scope="module", params=ELF_MACHINES)
def architecture(request):
    return request.param


@pytest.fixture(scope="module")
def package(architecture):
    return built(architecture)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_with_its_layers_is_well_below_lambda_s_limit(function, package):
    total = sum(file.stat().st_size for file in package.files(function))

    assert 50_000_000 < total < MOST_BYTES


def test_every_library_is_for_its_architecture(architecture, package):
    libraries = [file for file in package.files("index") if ".so" in file.suffixes]

    machines = {int.from_bytes(file.read_bytes()[18:20], "little") for file in libraries}
    assert machines == {ELF_MACHINES[architecture]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_all_modules_are_imported_from_the_package_alone(function):
    package = built(machine())

    compiled = import_alone(package, function)

    layers = (str(package.dependencies), str(package.library))
    assert not [name for name in compiled if name.startswith(layers)]


def test_it_indexes_and_finds_under_lambda_s_runtime():
    with functions(BUNDLE) as candidates:
        for function in candidates.values():
            function.cold()
            function.restored()


def modules_of(folder):
    """The names of all modules below a folder but the handler's."""
    paths = [path.relative_to(folder).with_suffix("") for path in folder.rglob("[!_]*.py")]
    return sorted(".".join(path.parts) for path in paths if path.parts != ("app",))


def import_alone(package, function):
    """Import all modules of a function and the library; which files Python had to compile."""
    modules = [*modules_of(ROOT / "functions" / function), *modules_of(LIBRARY)]
    path = [str(folder) for folder in package.path(function)]
    command = [PYTHON, "-I", "-S", "-B", "-c", ALONE, json.dumps(modules), json.dumps(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)
