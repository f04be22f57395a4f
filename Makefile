# Every target installs what it needs, and installs it again only when the lists of packages change.

PYTHON3 ?= python3
PYTHON := .venv/bin/python
# OPERATOR: what operators' commands need. REQUIREMENTS: with the local stack and the tests.
OPERATOR := requirements.txt infra/deploy/requirements.txt
REQUIREMENTS := $(OPERATOR) infra/local/requirements.txt tests/requirements.txt
NODE_MODULES := $(patsubst %,%/node_modules/.installed,infra/deploy infra/local infra/playground tests)
INSTALLED := .venv/.installed $(NODE_MODULES)

.DEFAULT_GOAL := help
.PHONY: help run demo test lint snapshots bench tools build clean

help: ## Say what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Start everything on this machine, with a page to try it on (Ctrl-C stops)
	@$(PYTHON) -m infra.local

demo: $(INSTALLED) ## Play a short story against the local stack and show what members see
	@$(PYTHON) -m infra.playground.demo

test: lint ## Check style and types, then run all tests
	@echo "pytest: all tests, on all cores"
	@$(PYTHON) -m pytest -n auto -q

lint: $(INSTALLED) ## Check style and types only
	@echo "ruff check: style"
	@$(PYTHON) -m ruff check --quiet
	@echo "ruff format --check: layout"
	@$(PYTHON) -m ruff format --check --quiet
	@echo "mypy: types"
	@$(PYTHON) -m mypy --no-error-summary

snapshots: $(INSTALLED) ## Renew the snapshots that the tests compare with (then read the difference)
	@$(PYTHON) -m tests.snapshots

bench: $(INSTALLED) ## Measure what docs/performance.md claims
	@$(PYTHON) -m infra.bench

tools: .venv/.tools infra/deploy/node_modules/.installed ## Install what an operator's commands need, and nothing else

build: ## Build what `sam deploy` deploys into .aws-sam/build (python3.13 is needed, an AWS account is not)
	@infra/deploy/sam.sh sam build
	@$(PYTHON3) -m infra.deploy.package

clean: ## Forget the state of `make run` (.local); refuses while it runs
	@$(PYTHON3) -m infra.local.state clean

.venv/.tools: $(OPERATOR)
	@$(PYTHON3) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Name another one: make PYTHON3=python3.13")'
	@echo "Installing an operator's Python packages into .venv"
	@rm -f $@
	@$(PYTHON3) -m venv .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check $(OPERATOR:%=-r %)
	@touch $@

.venv/.installed: .venv/.tools $(REQUIREMENTS)
	@echo "Installing the Python packages of the local stack and the tests into .venv"
	@rm -f $@
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check $(REQUIREMENTS:%=-r %)
	@touch $@

%/node_modules/.installed: %/package.json %/package-lock.json
	@echo "Installing the npm packages of $* into its node_modules"
	@rm -f $@
	@cd $* && npm ci --loglevel=error --no-progress
	@touch $@
