#!/usr/bin/env bash
# Run one of AWS's own tools, pinned and installed into the checkout: infra/deploy/sam.sh cfn-lint template.yaml
# Exit code 77: they could not be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools=.aws-sam/tools
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

"$tools/bin/$1" "${@:2}"
