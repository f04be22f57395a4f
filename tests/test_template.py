import json
import re
from typing import Any

import pytest
import yaml

from infra.local import template
from infra.local.environment import Environments
from infra.local.keys import Keys
from shared.settings import DatabaseSettings, DiscordSettings, EventSettings, Settings, SignatureSettings
from tests.proxy import nobody, serving

PARTS: dict[str, list[type[Settings]]] = {
    "interactions": [DatabaseSettings, DiscordSettings, SignatureSettings],
    "events": [DatabaseSettings, EventSettings],
    "expire_drops": [DatabaseSettings, DiscordSettings],
    "reset_streaks": [DatabaseSettings],
    "prune_events": [DatabaseSettings],
}
LIMITS = {"interactions": "ReservedConcurrency", "events": "EventConcurrency"}
INTERVALS = {"expire_drops": 60, "reset_streaks": 3600, "prune_events": 24 * 3600}
SECRETS = {"SUPABASE_SECRET_KEY": "SupabaseSecretKey", "DISCORD_BOT_TOKEN": "DiscordBotToken"}
# Values of the right form, so that a function can start; none of them opens anything.
EXAMPLES = {
    "SUPABASE_URL": "http://127.0.0.1:9",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:example-abcdef",
    "DISCORD_APPLICATION_ID": "775799577604522054",
    "DISCORD_PUBLIC_KEY": "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    "DISCORD_API_URL": "http://127.0.0.1:9",
    "EVENT_PUBLIC_KEYS": "",
}
SECRET_EXAMPLE = {"SUPABASE_SECRET_KEY": "sb_secret_example", "DISCORD_BOT_TOKEN": "example"}
AWS = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
KEYS = Keys("x" * 48, "ab" * 32, "775799577604522054", "Nzc1.G4bcdE.abc-_123", "p" * 32, "cd" * 32)
ROOT = template.PATH.parent


def functions() -> dict[str, dict[str, Any]]:
    return {
        resource["Properties"]["Handler"].split(".")[1]: resource["Properties"]
        for resource in template.load()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def shared() -> dict[str, Any]:
    properties: dict[str, Any] = template.load()["Globals"]["Function"]
    return properties


def variables(name: str) -> dict[str, Any]:
    return {
        **shared()["Environment"]["Variables"],
        **functions()[name].get("Environment", {}).get("Variables", {}),
    }


def schedule(name: str) -> dict[str, Any]:
    (event,) = functions()[name]["Events"].values()
    assert event["Type"] == "ScheduleV2"
    properties: dict[str, Any] = event["Properties"]
    return properties


def test_there_is_one_function_for_every_entry_point() -> None:
    entry_points = {path.stem for path in (ROOT / "functions").glob("*.py")} - {"__init__"}
    assert set(functions()) == set(template.functions()) == set(PARTS) == entry_points


@pytest.mark.parametrize("name", PARTS)
def test_a_function_gets_the_variables_that_it_needs_and_no_others(name: str) -> None:
    needed = {field.alias for part in PARTS[name] for field in part.model_fields.values()}
    not_there = {"SUPABASE_REST_URL", *SECRETS}  # that one is for a bare PostgREST, these are in the secret
    assert set(variables(name)) == needed - not_there | {"SECRET_ARN"}
    known = {*template.load()["Parameters"], "Secret"} - set(SECRETS.values())
    assert all(set(value) == {"Ref"} and value["Ref"] in known for value in variables(name).values())


def test_the_secret_has_the_variables_that_no_environment_shows() -> None:
    secret = template.load()["Resources"]["Secret"]["Properties"]
    assert json.loads(secret["SecretString"]["Fn::Sub"]) == {name: f"${{{of}}}" for name, of in SECRETS.items()}
    shown = yaml.dump({**template.load()["Resources"], "Secret": None}) + yaml.dump(template.load()["Globals"])
    assert not any(name in shown for name in SECRETS.values())


@pytest.mark.parametrize("name", PARTS)
def test_a_function_starts_with_the_variables_of_the_template(name: str) -> None:
    body = json.dumps({"SecretString": json.dumps(SECRET_EXAMPLE)}).encode()
    with serving(nobody()) as proxy:
        proxy.next(lambda _request, _forward: (200, {"content-type": "application/x-amz-json-1.1"}, body))
        given = {variable: EXAMPLES[variable] for variable in variables(name)} | AWS
        with Environments(1, given | {"AWS_ENDPOINT_URL_SECRETS_MANAGER": proxy.url}) as environments:
            environments.warm(functions()[name]["Handler"])
        assert [json.loads(request.body) for request in proxy.requests] == [{"SecretId": EXAMPLES["SECRET_ARN"]}]


def test_functions_run_on_python_3_13_on_arm_and_log_json() -> None:
    assert (shared()["Runtime"], shared()["Architectures"]) == ("python3.13", ["arm64"])
    logging = shared()["LoggingConfig"]
    assert logging == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
    assert shared()["MemorySize"] == {"Ref": "MemorySize"}
    assert template.load()["Parameters"]["MemorySize"]["Default"] == 512
    assert not any({"Runtime", "Architectures", "MemorySize"} & set(function) for function in functions().values())


@pytest.mark.parametrize("name", PARTS)
def test_a_function_has_a_log_of_its_own_that_is_kept_for_some_time(name: str) -> None:
    (log,) = functions()[name]["LoggingConfig"].values()
    resource = template.load()["Resources"][log["Ref"]]
    assert resource == {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"RetentionInDays": {"Ref": "LogRetentionDays"}},
    }
    assert log["Ref"].lower() == f"{name.replace('_', '')}log"


@pytest.mark.parametrize(("name", "condition"), [("interactions", "ReservesConcurrency"), ("events", "LimitsEvents")])
def test_what_has_an_address_has_a_limit_of_its_own_only_where_one_is_given(name: str, condition: str) -> None:
    limit = {"Fn::If": [condition, {"Ref": LIMITS[name]}, {"Ref": "AWS::NoValue"}]}
    assert functions()[name]["ReservedConcurrentExecutions"] == limit
    assert template.load()["Parameters"][LIMITS[name]]["Default"] == 0
    assert template.load()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": LIMITS[name]}, 0]}]}


def test_only_interactions_and_events_have_a_url_and_a_limit_and_nobody_needs_iam() -> None:
    assert {name for name, f in functions().items() if "ReservedConcurrentExecutions" in f} == set(LIMITS)
    urls = {name: function.get("FunctionUrlConfig") for name, function in functions().items()}
    assert urls == dict.fromkeys(functions()) | {name: {"AuthType": "NONE"} for name in LIMITS}


def test_the_schedules_are_these() -> None:
    assert schedule("expire_drops")["ScheduleExpression"] == "rate(1 minute)"
    assert schedule("reset_streaks")["ScheduleExpression"] == "rate(1 hour)"
    assert schedule("prune_events")["ScheduleExpression"] == "rate(1 day)"
    intervals = {name: function.interval for name, function in template.functions().items()}
    assert intervals == dict.fromkeys(functions()) | INTERVALS


def test_a_run_ends_before_the_next_one_begins() -> None:
    for function in template.functions().values():
        assert function.interval is None or function.timeout < function.interval


@pytest.mark.parametrize("name", INTERVALS)
def test_runs_that_are_not_delivered_or_fail_are_kept(name: str) -> None:
    queue = {"Fn::GetAtt": "FailedRunsQueue.Arn"}
    assert schedule(name)["DeadLetterConfig"] == {"Arn": queue}
    assert 60 <= schedule(name)["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 3600
    on_failure = functions()[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert on_failure == {"Type": "SQS", "Destination": queue}
    kept = template.load()["Resources"]["FailedRunsQueue"]["Properties"]
    assert kept == {"MessageRetentionPeriod": 14 * 24 * 60 * 60, "SqsManagedSseEnabled": True}


def test_secrets_are_not_shown_and_have_no_default() -> None:
    parameters = template.load()["Parameters"]
    assert {name for name, parameter in parameters.items() if parameter.get("NoEcho")} == set(SECRETS.values())
    assert not any("Default" in parameters[name] for name in SECRETS.values())


def accepts(parameter: str, value: str) -> bool:
    """Does CloudFormation take a value of a parameter?"""
    return bool(re.fullmatch(template.load()["Parameters"][parameter]["AllowedPattern"], value))


@pytest.mark.parametrize("value", ["sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz", KEYS.service_key])
def test_a_secret_key_is_taken(value: str) -> None:
    assert accepts("SupabaseSecretKey", value)


@pytest.mark.parametrize("value", ["", "sb_publishable_abc", "abc", "sb_secret_", 'sb_secret_"', " sb_secret_abc"])
def test_what_is_no_secret_key_is_refused_before_anything_is_created(value: str) -> None:
    assert not accepts("SupabaseSecretKey", value)


@pytest.mark.parametrize(
    ("parameter", "value", "is_taken"),
    [
        ("DiscordBotToken", KEYS.bot_token, True),
        ("DiscordBotToken", "Bot abc", False),
        ("DiscordBotToken", 'a"b', False),  # it would break the JSON of the secret
        ("DiscordPublicKey", "ab" * 32, True),
        ("DiscordPublicKey", f"{'ab' * 32},{'cd' * 32}", True),
        ("DiscordPublicKey", "ab" * 31, False),
        ("EventPublicKeys", "", True),
        ("EventPublicKeys", f"{'ab' * 32},{'CD' * 32}", True),
        ("EventPublicKeys", f"{'ab' * 32}, {'cd' * 32}", False),
        ("EventPublicKeys", "ab" * 31, False),
        ("AlarmEmail", "", True),
        ("AlarmEmail", "ops@example.com", True),
        ("AlarmEmail", "nobody", False),
        ("SupabaseUrl", "https://abcdefgh.supabase.co", True),
        ("SupabaseUrl", "https://abcdefgh.supabase.co/rest/v1", False),
        ("SupabaseUrl", "http://abcdefgh.supabase.co", False),
    ],
)
def test_parameters_are_checked(parameter: str, value: str, is_taken: bool) -> None:
    assert accepts(parameter, value) is is_taken


def test_outputs_tell_no_parameter() -> None:
    outputs = yaml.dump(template.load()["Outputs"])
    assert "InteractionsFunctionUrl.FunctionUrl" in outputs
    assert "${EventsFunctionUrl.FunctionUrl}v1/events" in outputs
    assert all(output["Description"] for output in template.load()["Outputs"].values())
    assert not any(name in outputs for name in template.load()["Parameters"])


def test_every_parameter_is_described_and_in_a_group() -> None:
    parameters = template.load()["Parameters"]
    groups = template.load()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for group in groups for name in group["Parameters"]] == list(parameters)
    assert all(parameter["Description"] for parameter in parameters.values())


def test_the_saved_configuration_is_no_part_of_the_repository() -> None:
    assert "samconfig.toml" in (ROOT / ".gitignore").read_text().splitlines()  # where sam deploy saves its parameters
