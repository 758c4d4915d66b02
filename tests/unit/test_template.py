"""What CloudFormation receives: the template as SAM transforms it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from ministack.services.cloudformation import language_extensions
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from deploy import images
from image_search.trash import DAYS

ROOT = Path(__file__).parents[2]


class NoManagedPolicies(ManagedPolicyLoader):
    """Roles of this template name every action themselves."""

    def __init__(self):
        pass

    def load(self):
        return {}


def transformed(**content):
    """The template as CloudFormation has it after its transforms; layers may have other content."""
    source = language_extensions.apply(yaml_parse((ROOT / "template.yaml").read_text()), {})
    dashboard = yaml_parse((ROOT / "dashboard.yaml").read_text())
    source["Resources"]["Dashboard"]["Properties"]["DashboardBody"] = dashboard
    for logical_id, resource in source["Resources"].items():
        for name in ("CodeUri", "ContentUri"):
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = f"s3://code/{content.get(logical_id, 'zip')}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        return dict(transform(source, {}, NoManagedPolicies()))


TEMPLATE = transformed()
RESOURCES = TEMPLATE["Resources"]


def of_type(*kinds):
    return sorted(name for name, resource in RESOURCES.items() if resource["Type"] in kinds)


def properties(name):
    return dict(RESOURCES[name]["Properties"])


def alternatives(node):
    """A value, or both branches where a condition decides."""
    if isinstance(node, Mapping) and "Fn::If" in node:
        for branch in node["Fn::If"][1:]:
            yield from alternatives(branch)
    elif node != {"Ref": "AWS::NoValue"}:
        yield node


def as_list(node):
    return node if isinstance(node, list) else [node]


def statements(policy):
    return [one for item in policy["Statement"] for one in alternatives(item)]


def role_statements(role):
    declared = properties(role)
    shared = [properties(policy["Ref"]) for policy in declared.get("ManagedPolicyArns", [])]
    own = [one for policy in declared["Policies"] for one in alternatives(policy)]
    policies = [*own, *shared]
    return [one for policy in policies for one in statements(policy["PolicyDocument"])]


def policies_of(kind, target, name):
    """The statements of the resource policies of one bucket or queue."""
    found = (properties(policy) for policy in of_type(kind))
    of = [one for one in found if {"Ref": name} in as_list(one[target])]
    return [statement for one in of for statement in statements(one["PolicyDocument"])]


FUNCTIONS = of_type("AWS::Lambda::Function")
BUCKETS = of_type("AWS::S3::Bucket")
QUEUES = of_type("AWS::SQS::Queue")
ROLES = of_type("AWS::IAM::Role")
ROUTES = of_type("AWS::ApiGatewayV2::Route")
ALARMS = of_type("AWS::CloudWatch::Alarm")


def test_every_function_has_a_role_of_its_own():
    roles = [properties(function)["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS]

    assert len(roles) == len(set(roles))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_names_exact_actions_on_exact_resources(role):
    for statement in role_statements(role):
        assert statement["Effect"] == "Allow"
        actions = [one for item in as_list(statement["Action"]) for one in alternatives(item)]
        assert not [action for action in actions if "*" in action]
        if actions != ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]:
            assert "*" not in as_list(statement["Resource"])


@pytest.mark.parametrize("role", ROLES)
def test_only_its_service_assumes_a_role(role):
    (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]

    services = {"DoctorLoopRole": "states", "DoctorScheduleRole": "scheduler"}
    service = services.get(role, "lambda")
    assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_only_the_search_function_can_write_or_delete_images_and_only_if_writes_are_on():
    writers = {
        role: actions
        for role in ROLES
        for statement in role_statements(role)
        if "${Name}/${ImagesPrefix}*" in str(statement["Resource"])
        and (actions := {"s3:PutObject", "s3:DeleteObject"} & set(as_list(statement["Action"])))
    }

    assert writers == {"SearchRole": {"s3:PutObject", "s3:DeleteObject"}}
    policies = properties("SearchRole")["Policies"]
    conditions = [one["Fn::If"][0] for one in policies if "PutObject" in json.dumps(one)]
    assert conditions == ["WritesOn"]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_owned_and_speaks_tls_only(bucket):
    # A stack that was made with these properties loses them where the template stops naming them.
    assert all(properties(bucket)["PublicAccessBlockConfiguration"].values())
    assert properties(bucket)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    policy = policies_of("AWS::S3::BucketPolicy", "Bucket", bucket)
    assert [
        (it["Principal"], it["Action"], it["Condition"]) for it in policy if it["Effect"] == "Deny"
    ] == [("*", "s3:*", {"Bool": {"aws:SecureTransport": "false"}})]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_only_the_own_distribution_reads_a_bucket_from_outside(bucket):
    policy = policies_of("AWS::S3::BucketPolicy", "Bucket", bucket)

    (only,) = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert only["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert only["Action"] == "s3:GetObject"
    assert "${Distribution}" in only["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]


def test_images_are_kept_when_replaced_deleted_or_left_by_the_stack():
    assert properties("ImagesBucket")["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties("ImagesBucket")["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert RESOURCES["ImagesBucket"]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_thumbnails_of_deleted_images_are_kept_as_long_as_the_images():
    (images,) = properties("ImagesBucket")["LifecycleConfiguration"]["Rules"]
    (trash,) = properties("ThumbnailsBucket")["LifecycleConfiguration"]["Rules"]

    assert trash["Prefix"] == "trash/"
    assert trash["ExpirationInDays"] == images["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert trash["ExpirationInDays"] == DAYS
    assert "DeleteObjectVersion" not in json.dumps(RESOURCES), "somebody may delete old versions"


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_encrypted(queue):
    assert properties(queue)["SqsManagedSseEnabled"] is True


def test_only_the_uploads_rule_sends_to_the_uploads_queue():
    found = policies_of("AWS::SQS::QueuePolicy", "Queues", "UploadsQueue")

    (allowed,) = [statement for statement in found if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["UploadsRule", "Arn"]}}
    }


def test_expiry_and_restored_objects_send_events_too():
    pattern = properties("UploadsRule")["EventPattern"]

    # Expiry by a lifecycle rule is "Object Deleted" in EventBridge:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
    kinds = {"Object Created", "Object Deleted", "Object Restore Completed"}
    assert set(pattern["detail-type"]) == kinds
    notifications = properties("ImagesBucket")["NotificationConfiguration"]
    assert notifications == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_an_existing_bucket_is_used_in_place():
    either = {"Fn::If": ["OwnBucket", {"Ref": "ImagesBucket"}, {"Ref": "ImagesBucketName"}]}

    assert properties("UploadsRule")["EventPattern"]["detail"]["bucket"] == {"name": [either]}
    for function in set(FUNCTIONS):
        variables = properties(function)["Environment"]["Variables"]
        assert variables["IMAGES_BUCKET"] == either
    assert TEMPLATE["Outputs"]["ImagesBucket"]["Value"] == either
    made = [name for name, one in RESOURCES.items() if one.get("Condition") == "OwnBucket"]
    assert sorted(made) == ["ImagesBucket", "ImagesBucketPolicy"]


def test_a_bucket_without_versions_can_be_read():
    granted = {
        action
        for statement in role_statements("IndexRole")
        if "${ImagesPrefix}" in str(statement["Resource"])
        for action in as_list(statement["Action"])
    }

    assert "s3:GetObject" in granted


def test_a_message_stays_hidden_for_six_times_the_functions_timeout():
    visibility = properties("UploadsQueue")["VisibilityTimeout"]

    assert visibility >= 6 * properties("IndexFunction")["Timeout"]


@pytest.mark.parametrize("route", sorted(set(ROUTES) - {"HealthRoute", "HealthHeadRoute"}))
def test_a_route_requires_a_token_of_the_page_s_scope_where_its_parameter_says_so(route):
    writes = route in ("UploadRoute", "DeleteRoute", "TrashRoute", "RestoreRoute")
    condition = "WritesSignedIn" if writes else "ReadsSignedIn"
    declared = properties(route)

    assert declared["AuthorizationType"] == {"Fn::If": [condition, "JWT", "NONE"]}
    scopes = {"Fn::If": [condition, ["openid"], {"Ref": "AWS::NoValue"}]}
    assert declared["AuthorizationScopes"] == scopes
    assert RESOURCES[route].get("Condition") == ("WritesOn" if writes else None)


def test_the_page_asks_for_the_scopes_that_its_client_allows():
    page = (ROOT / "web" / "account" / "auth.js").read_text()

    (asked,) = re.findall(r'const SCOPE = "([^"]+)"', page)
    assert asked.split() == properties("PageClient")["AllowedOAuthScopes"]
    assert "openid" in asked.split()


def test_tokens_are_the_page_s_and_are_looked_for_in_one_header():
    authorizer = properties("Authorizer")

    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"]["Audience"] == [{"Ref": "PageClient"}]


def test_page_and_images_are_read_only():
    distribution = properties("Distribution")["DistributionConfig"]
    behaviours = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]

    # Without a list of methods there are GET and HEAD.
    written = [one["TargetOriginId"] for one in behaviours if "AllowedMethods" in one]
    assert written == ["api"]


def test_s3_receives_nothing_of_a_query_but_the_version():
    policy = properties("VersionedCaching")["CachePolicyConfig"]

    strings = policy["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
    assert strings == {"QueryStringBehavior": "whitelist", "QueryStrings": ["v"]}


def test_writing_requires_a_token_by_default():
    assert TEMPLATE["Parameters"]["Writes"]["Default"] == "signed-in"


def test_nobody_signs_up_and_the_page_signs_in_with_a_code_only():
    client = properties("PageClient")

    assert properties("Users")["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["GenerateSecret"] is False


def test_the_cost_of_anonymous_requests_is_bounded():
    mapping = properties("IndexFunctionUploads")["ScalingConfig"]["MaximumConcurrency"]
    search = properties("SearchFunction")["ReservedConcurrentExecutions"]
    throttling = properties("ApiStage")["DefaultRouteSettings"]

    assert mapping == {"Ref": "IndexConcurrency"}
    assert list(alternatives(search)) == [{"Ref": "SearchConcurrency"}]
    assert throttling["ThrottlingRateLimit"] <= 50
    assert throttling["ThrottlingBurstLimit"] <= 100


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_where_logs_end_after_a_month(function):
    log = properties(function)["LoggingConfig"]["LogGroup"]["Ref"]

    assert properties(log) == {"RetentionInDays": 30}


DOCTOR = [name for name in RESOURCES if name.startswith("Doctor")]


@pytest.mark.parametrize("resource", DOCTOR)
def test_the_scheduled_doctor_is_off_by_default(resource):
    assert TEMPLATE["Parameters"]["Doctor"]["Default"] == "off"
    assert RESOURCES[resource]["Condition"] == "DoctorOn"


def test_snapstart_is_an_option_of_the_search_function_alone():
    assert properties("SearchFunction")["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
    assert "SnapStart" not in properties("IndexFunction")
    assert TEMPLATE["Parameters"]["SnapStart"]["Default"] == "None"


ALIASED = ("IndexFunction", "SearchFunction")
FINGERPRINT = {"Fn::GetAtt": ["PineconeIndexResource", "Fingerprint"]}


def parameters_in(node):
    """The parameters that a value depends on by itself, its conditions among them."""
    if isinstance(node, str):
        return set()
    if isinstance(node, list):
        return {name for item in node for name in parameters_in(item)}
    if not isinstance(node, Mapping):
        return set()
    names = set()
    if "Ref" in node:
        names |= {node["Ref"]}
    if "Fn::Sub" in node:
        names |= set(re.findall(r"\$\{(\w+)\}", str(node["Fn::Sub"])))
    conditions = [node.get("Condition"), *as_list(node.get("Fn::If", [None]))[:1]]
    for condition in filter(None, conditions):
        names |= parameters_in(TEMPLATE["Conditions"][condition])
    return names & set(TEMPLATE["Parameters"]) | parameters_in(list(node.values()))


def version_of(function, template=TEMPLATE):
    resources = template["Resources"].items()
    versions = [name for name, one in resources if one["Type"] == "AWS::Lambda::Version"]
    (version,) = [name for name in versions if name.startswith(function)]
    return version


@pytest.mark.parametrize(
    ("function", "parameter"),
    [(name, one) for name in ALIASED for one in sorted(parameters_in(properties(name)))],
)
def test_a_parameter_that_reaches_a_function_goes_live(function, parameter):
    # Another description replaces a version. The setup function makes it of these properties.
    assert properties(version_of(function))["Description"] == FINGERPRINT
    assert parameter in parameters_in(properties("PineconeIndexResource"))
    # Lambda refuses to publish a version of what did not change:
    # https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    assert properties(function)["Description"] == FINGERPRINT


def test_the_parameters_that_reach_functions_are_found():
    reach = parameters_in(properties("SearchFunction"))

    assert {"SnapStart", "PineconeSecret", "Architecture", "Reads", "ImagesBucketName"} <= reach


@pytest.mark.parametrize("layer", ["DependenciesLayer", "LibraryLayer"])
def test_a_layer_of_other_content_goes_live(layer):
    changed, same = transformed(**{layer: "another"}), transformed()

    for function in ALIASED:
        assert version_of(function, changed) != version_of(function)
        assert version_of(function, same) == version_of(function)


@pytest.mark.parametrize("function", ALIASED)
def test_unused_versions_and_layers_are_deleted(function):
    assert RESOURCES[version_of(function)]["DeletionPolicy"] == "Delete"
    layers = of_type("AWS::Lambda::LayerVersion")
    assert [RESOURCES[layer]["DeletionPolicy"] for layer in layers] == ["Delete", "Delete"]


ACCOUNT_WIDE = {
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    "AWS::CloudFront::CachePolicy": "CachePolicyConfig",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "AWS::CloudFront::Function": None,
}


@pytest.mark.parametrize("resource", of_type(*ACCOUNT_WIDE))
def test_a_name_that_is_unique_in_the_account_contains_stack_and_region(resource):
    declared, inner = properties(resource), ACCOUNT_WIDE[RESOURCES[resource]["Type"]]

    name = (declared[inner] if inner else declared)["Name"]["Fn::Sub"]
    assert name.startswith("${AWS::StackName}-${AWS::Region}")


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503, 504])
def test_an_error_is_kept_at_no_edge(status):
    answers = properties("Distribution")["DistributionConfig"]["CustomErrorResponses"]

    assert {"ErrorCode": status, "ErrorCachingMinTTL": 0} in answers


@pytest.mark.parametrize("resource", ["Users", "SignInDomain", "PageClient", "Authorizer"])
def test_no_parameter_deletes_the_accounts_of_people(resource):
    assert "Condition" not in RESOURCES[resource]


def test_an_address_is_the_same_in_capitals_and_an_invitation_has_a_link():
    declared = properties("Users")
    assert next(alternatives(declared["UsernameConfiguration"])) == {"CaseSensitive": False}
    message, variables = declared["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"][
        "Fn::Sub"
    ]
    assert 'href="https://${Domain}/"' in message
    assert "{username}" in message
    assert "{####}" in message
    assert {"Fn::GetAtt": ["Distribution", "DomainName"]} in variables["Domain"]["Fn::If"]


def test_a_signed_put_with_a_condition_is_allowed_from_the_page():
    (rule,) = properties("ImagesBucket")["CorsConfiguration"]["CorsRules"]

    assert "PUT" in rule["AllowedMethods"]
    assert set(images.UPLOAD_HEADERS) == set(rule["AllowedHeaders"])
    assert rule["ExposedHeaders"] == ["ETag"]


def test_a_domain_of_one_s_own_serves_page_and_sign_in():
    served = properties("Distribution")["DistributionConfig"]["Aliases"]["Fn::If"]

    assert served == ["OwnDomain", [{"Ref": "DomainName"}], {"Ref": "AWS::NoValue"}]
    assert "https://${DomainName}/" in str(properties("PageClient")["CallbackURLs"])
    assert "DomainName" in parameters_in(TEMPLATE["Outputs"]["Url"])


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_is_sent_shown_and_explained(alarm):
    assert properties(alarm)["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert f'"${{{alarm}.Arn}}"' in dashboard_source() or "Condition" in RESOURCES[alarm]
    assert f"`{alarm}`" in (ROOT / "docs" / "operate.md").read_text()


def dashboard_source():
    return str(properties("Dashboard")["DashboardBody"]["Fn::Sub"])


def test_the_dashboard_is_json_of_widgets_that_do_not_overlap():
    body = json.loads(re.sub(r"\$\{[\w.:]+\}", "x", dashboard_source()))

    cells = [
        (widget["x"] + right, widget["y"] + down)
        for widget in body["widgets"]
        for right in range(widget["width"])
        for down in range(widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(right for right, _ in cells) < 24


def test_the_dashboard_names_only_what_the_template_has():
    names = set(re.findall(r"\$\{(\w+)", dashboard_source()))

    assert names - {"AWS"} <= set(RESOURCES)


def test_no_secret_passes_through_parameters_or_environments():
    environments = [
        properties(function).get("Environment", {}).get("Variables", {}) for function in FUNCTIONS
    ]
    names = [*TEMPLATE["Parameters"], *(name for each in environments for name in each)]

    assert {name for name in names if re.search("key|secret|password|token", name, re.I)} == {
        "ImagesKey",  # the name of a KMS key
        "PineconeSecret",
        "PINECONE_SECRET",
    }
    assert TEMPLATE["Parameters"]["PineconeSecret"]["Default"] == "image-search/pinecone"


def test_the_template_knows_no_emulator():
    source = (ROOT / "template.yaml").read_text()

    assert not re.search("emulat|localhost|127\\.0\\.0\\.1", source, re.I)


# The prefixes of actions, where they are not the service's name in small letters.
ACTIONS = {"ApiGatewayV2": "apigateway", "Cognito": "cognito-idp", "StepFunctions": "states"}


def test_the_permissions_of_a_deployer_cover_every_kind_of_resource():
    policy = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())
    actions = {action for one in policy["Statement"] for action in one["Action"] if ":" in action}
    allowed = {action.split(":")[0] for action in actions} | {"s3"}

    kinds = {one["Type"].split("::")[1] for one in RESOURCES.values() if "AWS::" in one["Type"]}
    needed = {ACTIONS.get(kind, kind.lower()) for kind in kinds}
    assert needed <= allowed
