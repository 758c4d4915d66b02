"""A stack that was made from an older template keeps its data when it is updated.

`data/template_before.json` has the parts that hold data, or names that exist once, of the template
before images were reported through EventBridge. An emulator is no witness here: it changes in place
what CloudFormation makes anew or refuses to change.
"""

import json
from pathlib import Path

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.unit.test_template import RESOURCES, TEMPLATE, of_type

BEFORE = json.loads((Path(__file__).parent / "data" / "template_before.json").read_text())
# What nothing is lost of when it is replaced, because it is made from the template alone.
REPLACEABLE = {"AWS::CloudFront::Function"}
# The schema does not say so: Cognito answers "Updates are not allowed for property".
IMMUTABLE = {"AWS::Cognito::UserPool": ["UsernameConfiguration", "UsernameAttributes"]}
# S3 encrypts without it just so.
DEFAULT = {"BucketEncryption"}


def fixed(kind):
    """The names of the properties that a resource has for its whole life."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    for path in schema.get("createOnlyProperties", []):
        yield path.split("/")[2]
    yield from IMMUTABLE.get(kind, [])


def chosen(value):
    """A value with the parameters that an update of such a stack has."""
    if isinstance(value, dict) and value.get("Fn::If", [""])[0] == "AnyCase":
        return chosen(value["Fn::If"][2])
    return None if value == {"Ref": "AWS::NoValue"} else value


@pytest.mark.parametrize("name", BEFORE)
def test_an_update_replaces_nothing_that_holds_data(name):
    before, after = BEFORE[name], RESOURCES[name]
    assert after["Type"] == before["Type"]
    if before["Type"] not in REPLACEABLE:
        for property_ in fixed(before["Type"]):
            now = chosen(after.get("Properties", {}).get(property_))
            assert now == before["Properties"].get(property_)


@pytest.mark.parametrize("name", of_type("AWS::S3::Bucket"))
def test_an_update_takes_no_protection_from_a_bucket(name):
    assert set(BEFORE[name]["Properties"]) - DEFAULT <= set(RESOURCES[name]["Properties"])


def test_a_route_that_stays_keeps_its_name():
    """CloudFormation creates new resources before it deletes old ones; a name exists once."""
    routes = of_type("AWS::ApiGatewayV2::Route")
    now = {RESOURCES[name]["Properties"]["RouteKey"]: name for name in routes}
    then = {
        resource["Properties"]["RouteKey"]: name
        for name, resource in BEFORE.items()
        if resource["Type"] == "AWS::ApiGatewayV2::Route"
    }

    assert {key: name for key, name in then.items() if now.get(key, name) != name} == {}


def test_parameters_that_an_older_stack_does_not_have_need_no_answer():
    asked = {name for name, it in TEMPLATE["Parameters"].items() if "Default" not in it}

    assert asked == {"ModelBucket", "Bundle"}
