"""AWS: does the alias serve a published version, do the schedules run, and did anything fail?"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from infra.doctor.check import Check, CheckError, Finding, failed, ok, once, warning

AREA = "AWS"
ALIAS = "live"
INTERACTIONS, DROPS, STREAKS = "InteractionsFunction", "ExpireDropsFunction", "ResetStreaksFunction"
EVENTS, PRUNE = "EventsFunction", "PruneEventsFunction"
FUNCTIONS = (INTERACTIONS, EVENTS, DROPS, STREAKS, PRUNE)
SCHEDULED = {  # within this time each runs at least once
    DROPS: timedelta(minutes=10),
    STREAKS: timedelta(hours=3),
    PRUNE: timedelta(days=2),
}
IN_SECRET = ("SUPABASE_SECRET_KEY", "DISCORD_BOT_TOKEN")
REDEPLOY = "Run `make build`, then `infra/deploy/sam.sh sam deploy`."

Json = dict[str, Any]


@dataclass
class Stack:
    """A deployed stack; `session` is boto3's."""

    name: str
    session: Any
    secrets: set[str] = field(default_factory=set)  # that were read and must not be printed
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """The client of a service, with short timeouts."""
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    def _new_client(self, service: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415  (only the checks of AWS need it)

        return self.session.client(
            service, config=Config(connect_timeout=5, read_timeout=5, retries={"max_attempts": 2})
        )

    def call(self, service: str, operation: str, **arguments: Any) -> Json:
        """Call an operation of AWS. Raises CheckError with AWS's error code."""
        with _problems(f"{service}:{operation}"):
            answer: Json = getattr(self.client(service), operation)(**arguments)
            return answer

    @cached_property
    def resources(self) -> list[Json]:
        """Everything in the stack."""
        with _problems("cloudformation:list_stack_resources"):
            pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
            return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def physical(self, logical: str) -> str:
        """The name that AWS gave to a resource of template.yaml. Raises CheckError."""
        for resource in self.resources:
            if resource["LogicalResourceId"] == logical:
                return str(resource["PhysicalResourceId"])
        raise CheckError(f"The stack has no {logical}.", f"Is it a stack of this bundle? {REDEPLOY}")

    def of_type(self, kind: str) -> list[str]:
        """The names of all resources of a type."""
        return [str(r["PhysicalResourceId"]) for r in self.resources if r["ResourceType"] == kind]

    def functions(self) -> Iterator[tuple[str, str]]:
        """The functions by their names in template.yaml, and AWS's."""
        return ((logical, self.physical(logical)) for logical in FUNCTIONS)


@contextmanager
def _problems(action: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise CheckError(f"AWS answered {code} to {action}.", _advice(code)) from None
    except BotoCoreError as error:
        raise CheckError(
            f"AWS was not asked: {type(error).__name__}.", "Set AWS credentials and a region, as for `sam deploy`."
        ) from None


def _advice(code: str) -> str:
    if "AccessDenied" in code:
        return "These credentials may not look: use others, or allow this action."
    if "NotFound" in code or "NonExistent" in code:
        return f"It is not there. {REDEPLOY}"
    return "Are the stack's name, the region and the credentials right?"


def open_stack(name: str, region: str | None) -> Stack:
    """The stack of that name. Raises CheckError if boto3 is not installed."""
    try:
        import boto3  # noqa: PLC0415  (only the checks of AWS need it)
    except ImportError:
        raise CheckError("boto3 is not installed.", "Use the .venv that `make tools` makes.") from None
    return Stack(name, boto3.Session(region_name=region))


def checks(open_: Callable[[], Stack], application: Callable[[], Json]) -> list[Check]:
    """All checks of this area; `application` fetches our application from Discord."""
    stack = once(open_)
    looks = {
        "stack": _stack,
        "alias": _alias,
        "SnapStart": _snapstart,
        "function URL": partial(_function_url, application=application),
        "schedules": _schedules,
        "secret": _secret,
        "failed runs": _failed_runs,
        "last runs": _last_runs,
        "concurrency": _concurrency,
    }
    return [Check(AREA, name, lambda look=look: look(stack())) for name, look in looks.items()]  # type: ignore[misc]


def without_stack() -> Check:
    """The one check of this area if no stack is named."""
    return Check(
        AREA, "stack", lambda: warning("AWS was not looked at.", "Name the stack: --stack NAME --region REGION.")
    )


def _stack(stack: Stack) -> Finding:
    (found,) = stack.call("cloudformation", "describe_stacks", StackName=stack.name)["Stacks"]
    status = found["StackStatus"]
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return ok(f"{stack.name} is deployed ({status}).")
    if status == "UPDATE_ROLLBACK_COMPLETE" or status.endswith("_IN_PROGRESS"):
        return warning(f"{stack.name} is {status}.", "Wait, or look at the events of the stack: an update went wrong.")
    return failed(f"{stack.name} is {status}.", "Look at the events of the stack (CloudFormation > Events).")


def _alias(stack: Stack) -> Finding:
    versions = {}
    for logical, name in stack.functions():
        alias = stack.call("lambda", "get_alias", FunctionName=name, Name=ALIAS)
        versions[logical] = alias["FunctionVersion"]
    if unpublished := [logical for logical, version in versions.items() if not version.isdecimal()]:
        return failed(
            f"The alias {ALIAS} of {', '.join(unpublished)} points at no published version.",
            f"SnapStart does nothing there. {REDEPLOY}",
        )
    return ok(
        f"{ALIAS} is " + ", ".join(f"version {version} of {logical}" for logical, version in versions.items()) + "."
    )


def _snapstart(stack: Stack) -> Finding:
    """Are the live versions active, and does the one that members wait for use SnapStart?"""
    serving = {}
    for logical, name in stack.functions():
        live = stack.call("lambda", "get_function_configuration", FunctionName=name, Qualifier=ALIAS)
        if live.get("State", "Active") != "Active":
            return failed(f"{logical} is {live['State']}: {live.get('StateReasonCode', 'no reason given')}.", REDEPLOY)
        serving[logical] = live
    if serving[INTERACTIONS].get("SnapStart", {}).get("OptimizationStatus") != "On":
        return failed(
            f"SnapStart is off for the live version of {INTERACTIONS}: cold starts are slow.",
            f"It works on published versions only. {REDEPLOY}",
        )
    return ok(f"The live version of {INTERACTIONS} uses SnapStart.")


def function_url(stack: Stack, logical: str) -> str:
    """The address of a function. Raises CheckError."""
    name = stack.physical(logical)
    return str(stack.call("lambda", "get_function_url_config", FunctionName=name, Qualifier=ALIAS)["FunctionUrl"])


def _function_url(stack: Stack, application: Callable[[], Json]) -> Finding:
    ours = function_url(stack, INTERACTIONS)
    theirs = application()["interactions_endpoint_url"] or "none"
    if theirs.rstrip("/") != ours.rstrip("/"):
        return failed(
            f"The function answers at {ours}, Discord has {theirs}.",
            "Enter the first as Interactions Endpoint URL (Discord Developer Portal > General Information).",
        )
    return ok("Discord has the URL of the function.")


def _schedules(stack: Stack) -> Finding:
    targets = {}
    for name in stack.of_type("AWS::Scheduler::Schedule"):
        schedule = stack.call("scheduler", "get_schedule", Name=name)
        if schedule["State"] != "ENABLED":
            return failed(f"The schedule {name} is switched off.", "Switch it on: EventBridge > Schedules.")
        targets[schedule["Target"]["Arn"]] = name
    for logical in SCHEDULED:
        function = f":function:{stack.physical(logical)}"
        if not any(function in target for target in targets):
            return failed(f"Nothing runs {logical}.", REDEPLOY)
        if not any(target.endswith(f"{function}:{ALIAS}") for target in targets):
            return failed(f"The schedule of {logical} runs it past the alias {ALIAS}.", REDEPLOY)
    return ok(f"{len(targets)} schedules are on and run what the alias {ALIAS} points at.")


def _secret(stack: Stack) -> Finding:
    names = stack.of_type("AWS::SecretsManager::Secret")
    if not names:
        return failed("The stack has no secret.", REDEPLOY)
    text = stack.call("secretsmanager", "get_secret_value", SecretId=names[0]).get("SecretString", "")
    stack.secrets.add(text)
    try:
        values = dict(json.loads(text))
    except (ValueError, TypeError):
        return failed("The secret is no JSON object.", f"Deploy it anew, with the right parameters. {REDEPLOY}")
    stack.secrets.update(map(str, values.values()))
    if missing := [name for name in IN_SECRET if not values.get(name)]:
        return failed(f"The secret lacks {', '.join(missing)}.", f"Set the parameters anew. {REDEPLOY}")
    return ok(f"The secret has {' and '.join(IN_SECRET)}.")


def _failed_runs(stack: Stack) -> Finding:
    counted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    url = stack.physical("FailedRunsQueue")
    found = stack.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=list(counted))["Attributes"]
    waiting = sum(int(found.get(name, 0)) for name in counted)
    if waiting:
        return failed(
            f"{waiting} failed runs wait in the queue.",
            "Read one (its error stands in it) and the log of that function; purge the queue when it is mended.",
        )
    return ok("No failed run waits in the queue.")


def _last_runs(stack: Stack) -> Finding:
    for logical, window in SCHEDULED.items():
        if not _count(stack, logical, "Invocations", window):
            return failed(
                f"{logical} has not run for {_in_words(window)}.", "See the check of the schedules, then its log."
            )
    recent = SCHEDULED[DROPS]
    errors = {logical: _count(stack, logical, "Errors", SCHEDULED.get(logical, recent)) for logical in FUNCTIONS}
    if any(errors.values()):
        failures = ", ".join(f"{logical} {count:g} times" for logical, count in errors.items() if count)
        return failed(f"Failed lately: {failures}.", "Look at the logs of these functions.")
    return ok("The scheduled functions have run lately, and none failed.")


def _count(stack: Stack, logical: str, metric: str, window: timedelta) -> float:
    """The sum of a function's metric in CloudWatch, from `window` ago until now."""
    now = datetime.now(UTC)
    points = stack.call(
        "cloudwatch",
        "get_metric_statistics",
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": stack.physical(logical)}],
        StartTime=now - window,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(float(point["Sum"]) for point in points)


def _in_words(window: timedelta) -> str:
    minutes = int(window.total_seconds()) // 60
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"


def _concurrency(stack: Stack) -> Finding:
    reserved = stack.call("lambda", "get_function_concurrency", FunctionName=stack.physical(INTERACTIONS)).get(
        "ReservedConcurrentExecutions"
    )
    if reserved == 0:
        return failed(
            "InteractionsFunction is throttled to nothing (reserved concurrency 0).", "Raise it, or remove it."
        )
    if reserved is None:
        return ok("InteractionsFunction shares the account's concurrency.")
    return ok(f"InteractionsFunction may run {reserved} times at once.")
