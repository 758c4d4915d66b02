"""The page's modules as one script."""

import re

import pytest

from deploy.scripts import ModuleError, joined, modules

FILES = {
    "app.js": b'import { twice } from "./core/math.js";\nimport { Box } from "./list/index.js";\n'
    b"new Box(twice(2));\n",
    "core/math.js": b"const two = 2;\nexport function twice(x) {\n  return two * x;\n}\n",
    "list/index.js": b'export { Box as Box } from "./box.js";\n',
    "list/box.js": b'import { twice as double } from "../core/math.js";\nexport class Box {}\n'
    b'export const open = () => import("./later.js");\n',
    "list/later.js": b'import { twice } from "../core/math.js";\n'
    b'import { near } from "./near.js";\n',
    "list/near.js": b"export const near = 1;\n",
    "vendor/far.js": b"export default 1;\n",
}


def test_each_module_runs_once_after_those_that_it_imports():
    assert modules("app.js", FILES) == ["core/math.js", "list/box.js", "list/index.js", "app.js"]

    script = joined("app.js", FILES)["app.js"].decode()

    starts = [script.index(f'modules["{name}"] = ') for name in modules("app.js", FILES)[:-1]]
    assert starts == sorted(starts)
    assert 'const { twice: double } = modules["core/math.js"];' in script
    assert "return { Box, open };" in script
    assert 'import("/list/later.js")' in script
    assert script.count("function twice") == 1


def test_a_module_that_is_loaded_later_shares_the_modules_of_the_script():
    files = joined("app.js", FILES)

    assert set(files) == {"app.js", "list/later.js", "list/near.js", "vendor/far.js"}
    assert files["list/later.js"].decode().splitlines() == [
        'import { modules } from "/app.js";',
        'const { twice } = modules["core/math.js"];',
        'import { near } from "./near.js";',
    ]
    assert files["list/near.js"] == FILES["list/near.js"]


@pytest.mark.parametrize("line", ["export default 1;", 'import * as all from "./core/math.js";'])
def test_an_unsupported_import_or_export_is_refused_by_its_file(line):
    with pytest.raises(ModuleError, match=rf"list/box.js: .*{re.escape(line)}"):
        joined("app.js", FILES | {"list/box.js": line.encode()})
