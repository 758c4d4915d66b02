"""Joins the page's modules into one script: on a slow network each file costs a round trip or more.

Every module becomes a function that runs once, in the order of their imports. A module that the
page loads only when it is needed stays a file of its own, and imports shared modules from that
script.
"""

from __future__ import annotations

import posixpath
import re

_IMPORT = re.compile(
    r'^(?P<word>import|export) \{(?P<names>[^}]*)\} from "(?P<path>\..+?)";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\..+?)"\)')
# An import or export that is left over has a form that is not supported.
_LEFT = re.compile(r"^(?:export\b.*|import\b[^(].*)", re.MULTILINE)


class ModuleError(Exception):
    """A module is written in a way that cannot be joined with others."""

    def __init__(self, name: str, line: str) -> None:
        """Include the module and the line."""
        super().__init__(f"{name}: cannot be joined with the other modules: {line}")
        self.name, self.line = name, line


def joined(start: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with one script in place of `start` and all that it imports.

    Raises:
        ModuleError: an import or export is neither of names nor of a declaration.
    """
    inside = modules(start, files)
    parts = [_as_function(name, files[name].decode()) for name in inside[:-1]]
    last = _with_imports(start, files[start].decode(), set(inside))
    script = ["export const modules = {};", *parts, f"(async () => {{\n{last}}})();\n"]
    rest = {name: content for name, content in files.items() if name not in inside}
    later = {
        name: _later(name, content.decode(), set(inside)).encode()
        for name, content in rest.items()
        if name.endswith(".js") and not name.startswith("vendor/")
    }
    return rest | later | {start: "\n".join(script).encode()}


def modules(start: str, files: dict[str, bytes]) -> list[str]:
    """A module and all that it imports, in the order of their execution; no dynamic imports."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        for match in _IMPORT.finditer(files[name].decode()):
            visit(_resolved(name, match["path"]))
        found.append(name)

    visit(start)
    return found


def _as_function(name: str, text: str) -> str:
    exported = _EXPORT.findall(text)
    for match in _IMPORT.finditer(text):
        if match["word"] == "export":
            exported += [part.split()[-1] for part in _names(match)]
    body = _with_imports(name, _EXPORT.sub("", text), None)
    return f'modules["{name}"] = (() => {{\n{body}return {{ {", ".join(exported)} }};\n}})();'


def _later(name: str, text: str, inside: set[str]) -> str:
    body = _with_imports(name, text, inside, joining=False)
    return f'import {{ modules }} from "/app.js";\n{body}' if body != text else text


def _with_imports(name: str, text: str, inside: set[str] | None, *, joining: bool = True) -> str:
    """The text with constants in place of the imports of modules in `inside`, or of all imports."""

    def constant(match: re.Match[str]) -> str:
        path = _resolved(name, match["path"])
        if inside is not None and path not in inside:
            return match[0]
        names = ", ".join(part.replace(" as ", ": ") for part in _names(match))
        return f'const {{ {names} }} = modules["{path}"];'

    replaced = _IMPORT.sub(constant, text)
    if not joining:
        return replaced
    if left := _LEFT.search(replaced):
        raise ModuleError(name, left[0])
    # The script is in another folder than the module was.
    return _LATER.sub(lambda later: f'import("/{_resolved(name, later[1])}")', replaced)


def _names(match: re.Match[str]) -> list[str]:
    return [part.strip() for part in match["names"].split(",") if part.strip()]


def _resolved(importer: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
