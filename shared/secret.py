"""The deployment's secret: a JSON object in AWS Secrets Manager, from names of environment variables to values.

Without SECRET_ARN in the environment there is no secret.
"""

import json
import os
from contextlib import closing
from functools import cache
from typing import Any

ATTEMPTS, SECONDS = 2, 2  # seconds per attempt to connect, and again to answer; SnapStart allows a restore ten


class SecretError(Exception):
    """The secret cannot be read; the message says why and holds nothing of the secret."""


@cache
def read() -> dict[str, str]:
    """The settings in the secret, cached until `read.cache_clear()`. Raises SecretError."""
    arn = os.environ.get("SECRET_ARN")
    return _settings(_fetch(arn)) if arn else {}


def _fetch(arn: str) -> str:
    import boto3  # noqa: PLC0415  (slow, and only a deployment with a secret needs it)
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    attempts = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries=attempts)
    try:
        with closing(boto3.client("secretsmanager", config=config)) as client:  # leave no connection in a snapshot
            return str(client.get_secret_value(SecretId=arn).get("SecretString"))
    except ClientError as error:
        problem = str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        problem = type(error).__name__
    raise SecretError(f"The secret that SECRET_ARN names cannot be read ({problem})")


def _settings(text: str) -> dict[str, str]:
    try:
        settings: Any = json.loads(text)
    except ValueError:
        settings = None
    if not isinstance(settings, dict) or not all(isinstance(value, str) for value in settings.values()):
        raise SecretError("The secret that SECRET_ARN names is not a JSON object of texts")
    return settings
