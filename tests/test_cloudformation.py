"""What CloudFormation gets: the template as SAM's transform leaves it, with everything bound to the alias."""

import re
from typing import Any

import pytest

from infra.local import template
from tests import sam

Json = dict[str, Any]
FUNCTIONS = {
    "interactions": "InteractionsFunction",
    "events": "EventsFunction",
    "expire_drops": "ExpireDropsFunction",
    "reset_streaks": "ResetStreaksFunction",
    "prune_events": "PruneEventsFunction",
}
URLS = ("InteractionsFunction", "EventsFunction")
SCHEDULES = {
    "ExpireDropsFunction": "EveryMinute",
    "ResetStreaksFunction": "EveryHour",
    "PruneEventsFunction": "EveryDay",
}
QUEUE = {"Fn::GetAtt": ["FailedRunsQueue", "Arn"]}

pytestmark = pytest.mark.timeout(900)  # it installs AWS's tools, or waits until test_package.py is done with them


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    """SAM's transform is installed."""
    if not sam.PYTHON.exists() and sam.check_template().returncode == sam.MISSING:
        pytest.skip("AWS's tools could not be installed")


@pytest.fixture(scope="module")
def resources(tools: None) -> dict[str, Json]:
    """Everything that is created."""
    return dict(sam.transform(template.PATH.read_text())["Resources"])


def alias(function: str) -> Json:
    """The ARN of a function's alias."""
    return {"Ref": f"{function}Aliaslive"}


def of_type(resources: dict[str, Json], kind: str) -> dict[str, Json]:
    return {name: resource.get("Properties", {}) for name, resource in resources.items() if resource["Type"] == kind}


def statements(role: Json) -> list[tuple[Any, Any]]:
    """What a role allows, and on what."""
    found = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    assert all(statement["Effect"] == "Allow" for statement in found)
    return [(statement["Action"], statement["Resource"]) for statement in found]


def test_every_function_is_there(resources: dict[str, Json]) -> None:
    lambdas = of_type(resources, "AWS::Lambda::Function")
    assert {function["Handler"].split(".")[1]: name for name, function in lambdas.items()} == FUNCTIONS


def test_there_is_a_snapshot_where_somebody_waits(resources: dict[str, Json]) -> None:
    applied = {function: resources[function]["Properties"]["SnapStart"]["ApplyOn"] for function in FUNCTIONS.values()}
    # Named also where it is off: without a value it stays as an earlier release left it.
    assert applied == dict.fromkeys(FUNCTIONS.values(), "None") | {"InteractionsFunction": "PublishedVersions"}


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_a_version_is_published_and_the_alias_is_on_it(resources: dict[str, Json], function: str) -> None:
    (version,) = [name for name in resources if name.startswith(f"{function}Version")]
    assert resources[version]["Type"] == "AWS::Lambda::Version"
    assert resources[version]["DeletionPolicy"] == "Delete"  # an old snapshot would be paid for
    properties = resources[f"{function}Aliaslive"]["Properties"]
    assert properties["Name"] == "live"
    assert properties["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}


def test_only_these_have_a_url(resources: dict[str, Json]) -> None:
    assert len(of_type(resources, "AWS::Lambda::Url")) == len(URLS)


@pytest.mark.parametrize("function", URLS)
def test_the_url_calls_the_alias_and_everybody_may(resources: dict[str, Json], function: str) -> None:
    url = resources[f"{function}Url"]["Properties"]
    assert url == {"TargetFunctionArn": alias(function), "AuthType": "NONE"}
    permissions = [
        permission
        for permission in of_type(resources, "AWS::Lambda::Permission").values()
        if permission["FunctionName"] == alias(function)
    ]
    everybody = {"FunctionName": alias(function), "Principal": "*"}
    # Both are needed since October 2025; the second one holds for calls by the URL alone.
    assert sorted(permissions, key=lambda permission: str(permission["Action"])) == [
        {**everybody, "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
        {**everybody, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    ]


@pytest.mark.parametrize(("function", "event"), SCHEDULES.items())
def test_a_schedule_calls_the_alias_and_may_do_nothing_else(
    resources: dict[str, Json], function: str, event: str
) -> None:
    schedule = resources[f"{function}{event}"]["Properties"]
    assert schedule["Target"]["Arn"] == alias(function)
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": QUEUE}
    assert schedule.get("State", "ENABLED") == "ENABLED"
    assert schedule["Target"]["RoleArn"] == {"Fn::GetAtt": [f"{function}{event}Role", "Arn"]}
    role = resources[f"{function}{event}Role"]["Properties"]
    assert statements(role) == [("lambda:InvokeFunction", alias(function)), ("sqs:SendMessage", QUEUE)]
    assert "ManagedPolicyArns" not in role


def test_two_stacks_can_stand_side_by_side(resources: dict[str, Json]) -> None:
    named = {"Name", "FunctionName", "QueueName", "TopicName", "LogGroupName", "RoleName"}
    for kind in ("Lambda::Function", "Scheduler::Schedule", "SQS::Queue", "SNS::Topic", "Logs::LogGroup"):
        assert all(not named & set(properties) for properties in of_type(resources, f"AWS::{kind}").values())
    for kind, name in (("CloudWatch::Alarm", "AlarmName"), ("CloudWatch::Dashboard", "DashboardName")):
        found = of_type(resources, f"AWS::{kind}").values()
        assert all("AWS::StackName" in str(properties[name]) for properties in found)


@pytest.mark.parametrize("function", SCHEDULES)
def test_failed_runs_of_the_alias_are_kept(resources: dict[str, Json], function: str) -> None:
    configured = resources[f"{function}EventInvokeConfig"]["Properties"]
    assert (configured["FunctionName"], configured["Qualifier"]) == ({"Ref": function}, "live")
    assert configured["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_a_function_may_write_logs_read_the_secret_and_keep_its_failed_runs(
    resources: dict[str, Json], function: str
) -> None:
    role = resources[f"{function}Role"]["Properties"]
    (managed,) = role["ManagedPolicyArns"]
    assert managed.endswith("/AWSLambdaBasicExecutionRole")
    secret = {"Fn::Sub": ["${secretArn}", {"secretArn": {"Ref": "Secret"}}]}
    keeps = [("sqs:SendMessage", QUEUE)] if function in SCHEDULES else []
    assert statements(role) == [*keeps, (["secretsmanager:GetSecretValue"], secret)]


# --- What publishes a version


def used(part: Any) -> set[str]:
    """The parameters whose values are in a part of the template."""
    if isinstance(part, dict):
        return set().union(*({value} if key == "Ref" else used(value) for key, value in part.items())) & PARAMETERS
    if isinstance(part, list):
        return set().union(*map(used, part))
    return set()


PARAMETERS = set(template.load()["Parameters"])


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_a_changed_parameter_publishes_a_version(resources: dict[str, Json], function: str) -> None:
    properties = dict(resources[function]["Properties"])
    properties.pop("ReservedConcurrentExecutions", None)  # of the function, not of its versions
    (version,) = [resource for name, resource in resources.items() if name.startswith(f"{function}Version")]
    description = version["Properties"]["Description"]["Fn::Sub"]
    # Another description is another version; where nothing else has changed Lambda would refuse to publish it.
    assert sorted(re.findall(r"\$\{(\w+)}", description)) == sorted(used(properties))


def test_the_description_of_a_version_is_never_too_long(resources: dict[str, Json]) -> None:
    longest = {
        name: parameter.get("MaxLength")
        or {"DiscordApplicationId": 20, "DiscordPublicKey": 129, "EventPublicKeys": 129, "MemorySize": 5}.get(name)
        for name, parameter in template.load()["Parameters"].items()
    }
    for version in of_type(resources, "AWS::Lambda::Version").values():
        names = re.findall(r"\$\{(\w+)}", version["Description"]["Fn::Sub"])
        assert sum(int(longest[name] or 0) + 1 for name in names) <= 256
        assert all(longest[name] for name in names)


def versions(text: str) -> set[str]:
    """The logical ids of the versions; another id is another version."""
    return set(of_type(sam.transform(text)["Resources"], "AWS::Lambda::Version"))


def test_a_change_of_the_template_publishes_a_version() -> None:
    text = template.PATH.read_text()
    assert not versions(text) & versions(text.replace("ApplicationLogLevel: INFO", "ApplicationLogLevel: WARN"))
    assert versions(text) == versions(text.replace("RetentionInDays: ", "RetentionInDays:  "))
