"""AWS's own tools, as infra/deploy/check_template.sh installs them into the checkout."""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import ROOT

PYTHON = ROOT / ".aws-sam" / "tools" / "bin" / "python"
MISSING = 77  # the tools could not be installed

# What CloudFormation does with the template before it creates anything.
TRANSFORM = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class ManagedPolicies:
    def load(self):
        return {}

template = yaml_parse(sys.stdin.read())
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"  # what `sam build` and `sam deploy` make of it
print(json.dumps(transform(template, {}, ManagedPolicies())))
"""


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process of these tests installs or uses the tools."""
    directory = ROOT / ".aws-sam"
    directory.mkdir(exist_ok=True)
    with (directory / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_template() -> subprocess.CompletedProcess[str]:
    """Run infra/deploy/check_template.sh."""
    with alone():
        return subprocess.run(
            [ROOT / "infra/deploy/check_template.sh"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def transform(template: str) -> dict[str, Any]:
    """The CloudFormation template that SAM makes of ours."""
    with alone():
        done = subprocess.run(
            [PYTHON, "-c", TRANSFORM],
            input=template,
            env=os.environ | {"AWS_DEFAULT_REGION": "eu-central-1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    transformed: dict[str, Any] = json.loads(done.stdout)
    return transformed
