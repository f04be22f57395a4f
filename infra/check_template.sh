#!/usr/bin/env bash
# Is template.yaml sound, and can it be built? Needs no AWS account. Exit code 77: the tools could not be installed.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=.local/sam
packages="aws-sam-cli==1.170.0 cfn-lint==1.58.0"
export SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR="$PWD/$tools/home"

if [ "$(cat "$tools/installed" 2>/dev/null)" != "$packages" ]; then
    echo "installing $packages into $tools"
    rm -rf "$tools"
    # shellcheck disable=SC2086 # one argument a package
    python3 -m venv "$tools" &&
        "$tools/bin/pip" install --quiet --disable-pip-version-check $packages &&
        mkdir "$tools/home" &&
        echo "$packages" >"$tools/installed" ||
        { echo "could not install $packages" >&2; exit 77; }
fi

echo "cfn-lint"
"$tools/bin/cfn-lint" template.yaml
echo "sam build"
"$tools/bin/sam" build --build-dir .aws-sam/check --no-cached
