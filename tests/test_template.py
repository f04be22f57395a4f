from typing import Any

import pytest
import yaml

from infra.local import template
from infra.local.environment import Environments
from shared.settings import DatabaseSettings, DiscordSettings, Settings, SignatureSettings

PARTS: dict[str, list[type[Settings]]] = {
    "interactions": [DatabaseSettings, DiscordSettings, SignatureSettings],
    "expire_drops": [DatabaseSettings, DiscordSettings],
    "reset_streaks": [DatabaseSettings],
}
SECRETS = {"SupabaseSecretKey", "DiscordBotToken"}
# Values of the right form, so that a function can start; none of them opens anything.
EXAMPLES = {
    "SUPABASE_URL": "http://127.0.0.1:9",
    "SUPABASE_SECRET_KEY": "sb_secret_example",
    "DISCORD_APPLICATION_ID": "775799577604522054",
    "DISCORD_PUBLIC_KEY": "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    "DISCORD_BOT_TOKEN": "example",
    "DISCORD_API_URL": "http://127.0.0.1:9",
}
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
    assert set(variables(name)) == needed - {"SUPABASE_REST_URL"}  # that one is for a bare PostgREST
    parameters = template.load()["Parameters"]
    assert all(set(value) == {"Ref"} and value["Ref"] in parameters for value in variables(name).values())


@pytest.mark.parametrize("name", PARTS)
def test_a_function_starts_with_the_variables_of_the_template(name: str) -> None:
    with Environments(1, {variable: EXAMPLES[variable] for variable in variables(name)}) as environments:
        environments.warm(functions()[name]["Handler"])


def test_functions_run_on_python_3_13_on_arm_and_log_json() -> None:
    assert (shared()["Runtime"], shared()["Architectures"]) == ("python3.13", ["arm64"])
    assert shared()["LoggingConfig"]["LogFormat"] == "JSON"
    assert shared()["MemorySize"] == {"Ref": "MemorySize"}
    assert template.load()["Parameters"]["MemorySize"]["Default"] == 512
    assert not any({"Runtime", "Architectures", "LoggingConfig"} & set(function) for function in functions().values())


def test_only_interactions_has_a_url_and_discord_needs_no_iam_for_it() -> None:
    urls = {name: function.get("FunctionUrlConfig") for name, function in functions().items()}
    assert urls == {"interactions": {"AuthType": "NONE"}, "expire_drops": None, "reset_streaks": None}


def test_drops_expire_every_minute_and_streaks_reset_every_hour() -> None:
    assert schedule("expire_drops")["ScheduleExpression"] == "rate(1 minute)"
    assert schedule("reset_streaks")["ScheduleExpression"] == "rate(1 hour)"
    intervals = {name: function.interval for name, function in template.functions().items()}
    assert intervals == {"interactions": None, "expire_drops": 60, "reset_streaks": 3600}


def test_a_run_ends_before_the_next_one_begins() -> None:
    for function in template.functions().values():
        assert function.interval is None or function.timeout < function.interval


@pytest.mark.parametrize("name", ["expire_drops", "reset_streaks"])
def test_runs_that_are_not_delivered_or_fail_are_kept(name: str) -> None:
    queue = {"Fn::GetAtt": "FailedRunsQueue.Arn"}
    assert schedule(name)["DeadLetterConfig"] == {"Arn": queue}
    assert 60 <= schedule(name)["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 3600
    on_failure = functions()[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert on_failure == {"Type": "SQS", "Destination": queue}


def test_secrets_are_not_shown_and_have_no_default() -> None:
    parameters = template.load()["Parameters"]
    assert {name for name, parameter in parameters.items() if parameter.get("NoEcho")} == SECRETS
    assert not any("Default" in parameters[name] for name in SECRETS)


def test_outputs_tell_no_parameter() -> None:
    outputs = yaml.dump(template.load()["Outputs"])
    assert "InteractionsFunctionUrl.FunctionUrl" in outputs
    assert not any(name in outputs for name in template.load()["Parameters"])


def test_every_parameter_is_described_and_in_a_group() -> None:
    parameters = template.load()["Parameters"]
    groups = template.load()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for group in groups for name in group["Parameters"]] == list(parameters)
    assert all(parameter["Description"] for parameter in parameters.values())
