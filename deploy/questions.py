"""The questions of a first deployment: the template's own parameters, in its own words.

The stack keeps the answers, so that later deployments ask nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from awscli.customizations.cloudformation.yamlhelper import yaml_parse

from deploy.errors import DeployError

_ASKED = ("PineconeCloud", "PineconeRegion", "Reads", "Writes", "Architecture", "AlarmEmail")


def parameters_of(template: Path) -> dict[str, dict[str, Any]]:
    """The parameters that a template declares."""
    declared: dict[str, dict[str, Any]] = yaml_parse(template.read_text())["Parameters"]
    return declared


def given(words: list[str], declared: Mapping[str, Any]) -> dict[str, str]:
    """Parameters from words like `Writes=off`.

    Raises:
        DeployError: the template has no such parameter, or it allows no such value.
    """
    values = {name: value for name, _, value in (word.partition("=") for word in words)}
    for name, value in values.items():
        if name not in declared:
            raise DeployError(f"no parameter {name!r}; there are {', '.join(declared)}")
        _check(name, value, declared[name])
    return values


def answers(
    declared: Mapping[str, Any], known: Mapping[str, str], ask: Callable[[str], str]
) -> dict[str, str]:
    """Ask for the parameters that are not known yet; an empty answer means the default."""
    return {
        name: _answer(name, declared[name], ask)
        for name in _ASKED
        if name not in known and name in declared
    }


def _answer(name: str, parameter: Mapping[str, Any], ask: Callable[[str], str]) -> str:
    allowed = "|".join(parameter.get("AllowedValues", []))
    default = str(parameter["Default"])
    question = f"{parameter['Description']}\n  {name}{allowed and f' ({allowed})'} [{default}]: "
    while True:
        value = ask(question).strip() or default
        try:
            _check(name, value, parameter)
        except DeployError as error:
            question = f"  {error}: "
        else:
            return value


def _check(name: str, value: str, parameter: Mapping[str, Any]) -> None:
    allowed = parameter.get("AllowedValues")
    if allowed and value not in allowed:
        raise DeployError(f"{name} is {value!r}, and must be one of {', '.join(allowed)}")
