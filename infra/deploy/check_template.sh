#!/usr/bin/env bash
# Is template.yaml sound, and can it be built? Needs no AWS account. Exit code 77: the tools could not be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo "cfn-lint"
infra/deploy/sam.sh cfn-lint template.yaml
echo "sam build"
infra/deploy/sam.sh sam build --build-dir .aws-sam/check --no-cached
