"""Patches template.yaml where the emulator differs from AWS."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from awscli.customizations.cloudformation.yamlhelper import yaml_parse

from deploy.stack import ROOT

# Concurrent executions of the index function: this machine has few processors.
_INDEX_CONCURRENCY = 2
_SOURCES = ("CodeUri", "ContentUri")


def patched(port: int) -> dict[str, Any]:
    """The template as the emulator at a port of this machine serves it, with absolute paths."""
    template = deepcopy(_parsed())
    resources = template["Resources"]
    _make_paths_absolute(resources)
    _use_plain_http(resources, port)
    _sign_in_locally(resources, port)
    # The emulator counts every function of this machine against one small quota.
    del resources["SearchFunction"]["Properties"]["ReservedConcurrentExecutions"]
    uploads = resources["IndexFunction"]["Properties"]["Events"]["Uploads"]["Properties"]
    uploads["ScalingConfig"]["MaximumConcurrency"] = _INDEX_CONCURRENCY
    _allow_batches(resources["DoctorRole"])
    return template


@cache
def _parsed() -> dict[str, Any]:
    """The template as it is written, which takes 0.1 s to read."""
    template: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return template


def _make_paths_absolute(resources: dict[str, Any]) -> None:
    plain = (one for one in resources.values() if "Properties" in one)  # Fn::ForEach is a list
    for properties in (resource["Properties"] for resource in plain):
        for name in _SOURCES:
            if name in properties:
                properties[name] = str(ROOT / properties[name])
    include = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Transform"]
    include["Parameters"]["Location"] = str(ROOT / include["Parameters"]["Location"])


def _use_plain_http(resources: dict[str, Any], port: int) -> None:
    for name in ("ImagesBucketPolicy", "ThumbnailsBucketPolicy", "WebBucketPolicy"):
        policy = resources[name]["Properties"]["PolicyDocument"]
        policy["Statement"] = [one for one in policy["Statement"] if one.get("Sid") != "TlsOnly"]
    distribution = resources["Distribution"]["Properties"]["DistributionConfig"]
    for behaviour in (distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]):
        behaviour["ViewerProtocolPolicy"] = "allow-all"
    api = next(origin for origin in distribution["Origins"] if origin["Id"] == "api")
    api["DomainName"] = "localhost"
    api["OriginPath"] = {"Fn::Sub": "/_aws/execute-api/${Api}/$default"}
    api["CustomOriginConfig"] = {"OriginProtocolPolicy": "http-only", "HTTPPort": port}


def _sign_in_locally(resources: dict[str, Any], port: int) -> None:
    variables = resources["SearchFunction"]["Properties"]["Environment"]["Variables"]
    variables["SIGN_IN_URL"] = f"http://127.0.0.1:{port}"
    label = {
        "Fn::Select": [0, {"Fn::Split": [".", {"Fn::GetAtt": ["Distribution", "DomainName"]}]}]
    }
    page = {"Fn::Sub": [f"http://${{Label}}.cloudfront.localhost:{port}/", {"Label": label}]}
    resources["PageClient"]["Properties"] |= {"CallbackURLs": [page], "LogoutURLs": [page]}


def _allow_batches(role: dict[str, Any]) -> None:
    """Allow sqs:SendMessageBatch by its name; on AWS sqs:SendMessage covers it."""
    (policy,) = role["Properties"]["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        if "sqs:SendMessage" in statement["Action"]:
            statement["Action"] = [*statement["Action"], "sqs:SendMessageBatch"]
