"""The doctor's look at AWS, against moto: every check seen well and seen failing.

Moto's CloudFormation needs packages that we have no other use for, so its two answers are ours (botocore checks what is
asked); and its functions have no SnapStart, so that is ours too.
"""

import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction

from infra.doctor import aws as doctor
from infra.doctor.aws import DROPS, EVENTS, FUNCTIONS, INTERACTIONS, PRUNE, SCHEDULED, STREAKS, Stack
from infra.doctor.check import CheckError, Finding, Status
from tests.infra.doctor.conftest import assert_failed, finding

Json = dict[str, Any]
REGION = "eu-central-1"
VALUES = {"SUPABASE_SECRET_KEY": "sb_secret_marked", "DISCORD_BOT_TOKEN": "marked-token"}


class Deployed:
    """A stack as `sam deploy` leaves it."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self._clients: dict[str, Any] = {}
        self.status = "CREATE_COMPLETE"
        self.resources: list[Json] = []
        self.snapstart = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
        self.state = "Active"
        self.url = ""
        self.role = self.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        events = session.events
        events.register("before-call.cloudformation.DescribeStacks", self._describe_stacks)
        events.register("before-call.cloudformation.ListStackResources", self._list_resources)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(service)
        return self._clients[service]

    def _describe_stacks(self, **_: Any) -> tuple[Any, Json]:
        return _Answered(), {"Stacks": [{"StackName": "resonance", "StackStatus": self.status}]}

    def _list_resources(self, **_: Any) -> tuple[Any, Json]:
        return _Answered(), {"StackResourceSummaries": self.resources}

    def add(self, logical: str, kind: str, physical: str) -> None:
        self.resources.append({"LogicalResourceId": logical, "ResourceType": kind, "PhysicalResourceId": physical})

    def function(self, logical: str) -> str:
        """A function with a published version that the alias points at; gives the alias's ARN."""
        name = f"resonance-{logical}-1a2b"
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("a.py", "")
        api = self.client("lambda")
        api.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role,
            Handler="a.b",
            Code={"ZipFile": code.getvalue()},
        )
        version = api.publish_version(FunctionName=name)["Version"]
        self.add(logical, "AWS::Lambda::Function", name)
        return str(api.create_alias(FunctionName=name, Name="live", FunctionVersion=version)["AliasArn"])

    def schedule(self, name: str, target: str) -> None:
        self.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": self.role},
        )
        self.add(name, "AWS::Scheduler::Schedule", name)

    def count(self, logical: str, metric: str, value: float = 1) -> None:
        """What Lambda itself counts."""
        dimensions = [{"Name": "FunctionName", "Value": self.physical(logical)}]
        data = [{"MetricName": metric, "Value": value, "Dimensions": dimensions}]
        self.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=data)

    def physical(self, logical: str) -> str:
        (name,) = [r["PhysicalResourceId"] for r in self.resources if r["LogicalResourceId"] == logical]
        return str(name)


class _Answered:
    status_code = 200


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A healthy stack."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    configuration = LambdaFunction.get_configuration
    with mock_aws():
        made = Deployed(boto3.Session(region_name=REGION))

        def with_snapstart(self: LambdaFunction, *args: Any, **kwargs: Any) -> Json:
            told: Json = configuration(self, *args, **kwargs)
            off = {"ApplyOn": "None", "OptimizationStatus": "Off"}  # nobody waits for a scheduled run
            return told | {
                "SnapStart": made.snapstart if INTERACTIONS in told["FunctionName"] else off,
                "State": made.state,
            }

        monkeypatch.setattr(LambdaFunction, "get_configuration", with_snapstart)
        aliases = {logical: made.function(logical) for logical in FUNCTIONS}
        made.schedule("every-minute", aliases[DROPS])
        made.schedule("every-hour", aliases[STREAKS])
        made.schedule("every-day", aliases[PRUNE])
        made.url = made.client("lambda").create_function_url_config(
            FunctionName=made.physical(INTERACTIONS), Qualifier="live", AuthType="NONE"
        )["FunctionUrl"]
        secret = made.client("secretsmanager").create_secret(Name="s", SecretString=json.dumps(VALUES))["ARN"]
        made.add("Secret", "AWS::SecretsManager::Secret", secret)
        queue = made.client("sqs").create_queue(QueueName="failed")["QueueUrl"]
        made.add("FailedRunsQueue", "AWS::SQS::Queue", queue)
        made.client("lambda").create_function_url_config(
            FunctionName=made.physical(EVENTS), Qualifier="live", AuthType="NONE"
        )
        for logical in SCHEDULED:
            made.count(logical, "Invocations")
        yield made


@pytest.fixture
def look(deployed: Deployed) -> Callable[..., Finding]:
    """What one check finds; Discord has the function's URL, if no other is named."""

    def ask(name: str, interactions_url: str | None = "the function's") -> Finding:
        url = deployed.url if interactions_url == "the function's" else interactions_url
        stack = Stack("resonance", deployed.session)
        return finding(doctor.checks(lambda: stack, lambda: {"interactions_endpoint_url": url}), name)

    return ask


CHECKS = [check.name for check in doctor.checks(lambda: Stack("", None), dict)]


@pytest.mark.parametrize("name", CHECKS)
def test_all_is_well(look: Callable[..., Finding], name: str) -> None:
    found = look(name)
    assert (found.status, found.do) == (Status.OK, ""), found
    assert "marked" not in found.said


@pytest.mark.parametrize("name", CHECKS)
def test_no_credentials(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    deployed.session = boto3.Session(region_name=REGION)
    stack = Stack("resonance", deployed.session)
    found = finding(doctor.checks(lambda: stack, lambda: {"interactions_endpoint_url": "x"}), name)
    assert_failed(found, "AWS was not asked: NoCredentialsError", "credentials")


@pytest.mark.parametrize("name", sorted(set(CHECKS) - {"stack", "schedules", "secret"}))
def test_another_stack(deployed: Deployed, look: Callable[..., Finding], name: str) -> None:
    deployed.resources.clear()
    assert_failed(look(name), "The stack has no ", "a stack of this bundle")


@pytest.mark.parametrize("service", ["lambda", "scheduler"])
def test_credentials_that_may_not_look(deployed: Deployed, look: Callable[..., Finding], service: str) -> None:
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "User marked is not authorized"}}
    answered = _Answered()
    answered.status_code = 403
    deployed.session.events.register(f"before-call.{service}", lambda **_: (answered, denied))
    found = look("schedules") if service == "scheduler" else look("alias")
    assert_failed(found, "AWS answered AccessDeniedException to ", "may not look")
    assert "marked" not in found.said


def test_boto3_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(CheckError, match="boto3 is not installed"):
        doctor.open_stack("resonance", REGION)


def test_no_stack_is_named() -> None:
    found = doctor.without_stack().run()
    assert (found.status, "--stack NAME" in found.do) == (Status.WARNING, True)


# --- One by one


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UPDATE_COMPLETE", Status.OK),
        ("UPDATE_ROLLBACK_COMPLETE", Status.WARNING),
        ("UPDATE_IN_PROGRESS", Status.WARNING),
        ("ROLLBACK_COMPLETE", Status.FAILED),
        ("UPDATE_ROLLBACK_FAILED", Status.FAILED),
    ],
)
def test_the_stack(deployed: Deployed, look: Callable[..., Finding], status: str, expected: Status) -> None:
    deployed.status = status
    assert look("stack").status is expected


def test_no_alias(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.client("lambda").delete_alias(FunctionName=deployed.physical(DROPS), Name="live")
    assert_failed(look("alias"), "ResourceNotFoundException to lambda:get_alias", "sam deploy")


def test_an_alias_of_no_published_version(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.client("lambda").update_alias(
        FunctionName=deployed.physical(STREAKS), Name="live", FunctionVersion="$LATEST"
    )
    found = look("alias")
    assert_failed(found, "no published version", "SnapStart does nothing")
    assert STREAKS in found.said
    assert INTERACTIONS not in found.said


def test_snapstart_is_off_or_the_version_failed(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.snapstart = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    assert_failed(look("SnapStart"), "is off", "published versions")
    deployed.state = "Failed"
    assert_failed(look("SnapStart"), f"{INTERACTIONS} is Failed", "sam deploy")


def test_discord_has_another_url(look: Callable[..., Finding]) -> None:
    assert_failed(look("function URL", "https://old.example.org/"), "https://old.example.org", "Interactions Endpoint")
    assert_failed(look("function URL", None), "Discord has none", "Interactions Endpoint")


def test_the_function_has_no_url(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.client("lambda").delete_function_url_config(FunctionName=deployed.physical(INTERACTIONS))
    found = look("function URL", "https://x.example.org")
    assert_failed(found, "ResourceNotFoundException to lambda:get_function_url_config", "not there")


def test_a_schedule_that_is_off(deployed: Deployed, look: Callable[..., Finding]) -> None:
    target = {"Arn": "arn:aws:lambda:x:1:function:x", "RoleArn": deployed.role}
    deployed.client("scheduler").update_schedule(
        Name="every-hour",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED",
        Target=target,
    )
    assert_failed(look("schedules"), "every-hour is switched off", "EventBridge")


def test_a_schedule_past_the_alias(deployed: Deployed, look: Callable[..., Finding]) -> None:
    name = deployed.physical(DROPS)
    arn = deployed.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    deployed.client("scheduler").update_schedule(
        Name="every-minute",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        State="ENABLED",
        Target={"Arn": arn, "RoleArn": deployed.role},
    )
    assert_failed(look("schedules"), f"{DROPS} runs it past the alias", "sam deploy")


def test_a_schedule_that_is_missing(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.client("scheduler").delete_schedule(Name="every-hour")
    assert_failed(look("schedules"), "ResourceNotFoundException to scheduler:get_schedule", "sam deploy")
    deployed.resources = [r for r in deployed.resources if r["LogicalResourceId"] != "every-hour"]
    assert_failed(look("schedules"), f"Nothing runs {STREAKS}", "sam deploy")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"SUPABASE_SECRET_KEY": "sb_secret_marked"}', "lacks DISCORD_BOT_TOKEN"),
        ('{"SUPABASE_SECRET_KEY": "sb_secret_marked", "DISCORD_BOT_TOKEN": ""}', "lacks DISCORD_BOT_TOKEN"),
        ("sb_secret_marked", "no JSON object"),
        ("[1]", "no JSON object"),
    ],
)
def test_a_secret_that_lacks_something(deployed: Deployed, look: Callable[..., Finding], text: str, said: str) -> None:
    deployed.client("secretsmanager").put_secret_value(SecretId="s", SecretString=text)
    found = look("secret")
    assert_failed(found, said, "parameters")
    assert "marked" not in found.said + found.do


def test_no_secret(deployed: Deployed, look: Callable[..., Finding]) -> None:
    deployed.client("secretsmanager").delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    assert_failed(look("secret"), "ResourceNotFoundException to secretsmanager:get_secret_value", "sam deploy")
    deployed.resources = [r for r in deployed.resources if r["LogicalResourceId"] != "Secret"]
    assert_failed(look("secret"), "no secret", "sam deploy")


def test_what_is_read_of_the_secret_is_kept_to_be_hidden(deployed: Deployed) -> None:
    stack = Stack("resonance", deployed.session)
    doctor._secret(stack)
    assert set(VALUES.values()) <= stack.secrets


def test_failed_runs_wait(deployed: Deployed, look: Callable[..., Finding]) -> None:
    for _ in range(2):
        deployed.client("sqs").send_message(QueueUrl=deployed.physical("FailedRunsQueue"), MessageBody="{}")
    assert_failed(look("failed runs"), "2 failed runs", "log of that function")


def test_a_function_that_does_not_run(deployed: Deployed, look: Callable[..., Finding]) -> None:
    name = deployed.physical(DROPS)
    for resource in deployed.resources:
        if resource["LogicalResourceId"] == DROPS:
            resource["PhysicalResourceId"] = f"{name}-that-never-ran"
    assert_failed(look("last runs"), f"{DROPS} has not run for 10 minutes", "schedules")


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_a_function_that_failed_lately(deployed: Deployed, look: Callable[..., Finding], logical: str) -> None:
    deployed.count(logical, "Errors", 3)
    assert_failed(look("last runs"), f"{logical} 3 times", "logs")


def test_a_function_without_concurrency(deployed: Deployed, look: Callable[..., Finding]) -> None:
    api, name = deployed.client("lambda"), deployed.physical(INTERACTIONS)
    assert "shares" in look("concurrency").said
    api.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=50)
    assert "50 times at once" in look("concurrency").said
    api.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert_failed(look("concurrency"), "throttled to nothing", "Raise it")
