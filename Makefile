# `make demo` and `make test` work on a fresh checkout: each sets up first, which is quick when nothing changed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup audit bench demo picture test test-all test-versions lint types unit coverage docs package lock clean

# Some systems have a Python by its version only.
PYTHONS := python3 python3.13 python3.12 python3.11
PYTHON ?= $(firstword $(foreach name,$(PYTHONS),$(if $(shell command -v $(name) 2>/dev/null),$(name))) python3)
BIN := .venv/bin
# jsii's banner of ten lines in each process, on a Node.js past its end of life: set-up says it in one.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 18,19,20,21
# uv compiles nothing: each process would compile what it imports, hundreds of processes of the tests the same again.
unexport PYTHONDONTWRITEBYTECODE

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##/\1 -/p' $(MAKEFILE_LIST)

setup: .venv/.installed node_modules/.installed  ## install the pinned tools of all checks into .venv and node_modules

# What is broken counts as missing: an environment whose Python has gone, or that was moved with its checkout.
IS_WHOLE := import importlib.util as u, pathlib, sys; own = u.find_spec("cdk_clarify_monitors"); \
    sys.exit(not (u.find_spec("aws_cdk") and own and pathlib.Path(own.origin).resolve().is_relative_to(pathlib.Path.cwd())))
$(shell [ ! -d .venv ] || .venv/bin/python -c '$(IS_WHOLE)' 2>/dev/null || rm -f .venv/.installed .venv/.demo)
$(shell [ ! -d node_modules ] || [ -x node_modules/.bin/cdk ] || rm -f node_modules/.installed node_modules/.demo)

define INSTALL
@command -v "$(PYTHON)" >/dev/null || \
    { echo "Python 3.11 or newer is needed; where it has another name: make PYTHON=/path/to/python3.13 ..." >&2; exit 1; }
@"$(PYTHON)" install.py $@
endef

# One of two installations is in each folder: install.py says which.
.venv/.installed .venv/.demo: requirements.lock requirements-demo.lock pyproject.toml
	$(INSTALL)

node_modules/.installed node_modules/.demo: package.json package-lock.json
	$(INSTALL)

lint: setup  ## ruff: format and lint; import-linter: the order of the layers, no circles; codespell: misspelt words
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/codespell

types: setup node_modules/.types/.unpacked  ## mypy and tsc, strict, tests included
	$(BIN)/mypy
	$(BIN)/mypy examples docs/*.py
	cd $(NEW_APP) && "$(CURDIR)/$(BIN)/mypy" --cache-dir "$(CURDIR)/.mypy_cache" .
	node_modules/.bin/tsc

# What `clarify-local new` copies.
NEW_APP := local/cdk_clarify_monitors_local/new_app/template

# The CDK's own types, of the versions that Python runs.
node_modules/.types/.unpacked: .venv/.installed node_modules/.installed
	rm -rf $(@D)
	for library in aws_cdk:aws-cdk-lib constructs:constructs; do \
	    mkdir -p $(@D)/$${library#*:} && \
	    tar -xzf .venv/lib/python3*/site-packages/$${library%:*}/_jsii/*.tgz -C $(@D)/$${library#*:} \
	        --strip-components 1 --wildcards '*.d.ts' package/package.json || exit; \
	done
	@touch $@

unit: setup  ## the tests that deploy nothing
	$(BIN)/pytest -n 2 -m 'not deploy'

coverage: setup  ## the same, and which lines of the library no test runs
	$(BIN)/pytest -n 2 --dist worksteal -m 'not deploy' --cov --cov-report=term-missing --cov-fail-under=0

# Four workers on two cores, as half of a deployment is waiting; six take no less time. A file stays with one worker,
# which makes its account once.
PYTEST_SIDE_BY_SIDE := $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

test: lint types  ## all checks, and the floor of coverage
	$(PYTEST_SIDE_BY_SIDE) -m 'not slow' --cov --cov-report=

test-all: lint types  ## the same, and the slow tests
	$(PYTEST_SIDE_BY_SIDE) --cov --cov-report=

test-versions: setup  ## the tests that depend on the CDK, on its lowest and newest version, with each Python and Node.js
	$(BIN)/python -m tests.versions

audit: setup  ## look for known vulnerabilities of the pinned packages (needs PyPI's advisories)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict

bench: setup benchmarks/node_modules/.installed  ## measure what a monitor costs, for docs/performance.md
	$(BIN)/python -m benchmarks

benchmarks/node_modules/.installed: benchmarks/package.json benchmarks/package-lock.json
	npm ci --silent --prefix benchmarks
	@touch $@

# What is installed for the checks is enough for the demo.
DEMO_NEEDS := $(foreach folder,.venv node_modules,$(or $(wildcard $(folder)/.installed),$(folder)/.demo))

demo: $(DEMO_NEEDS)  ## deploy both monitors into an embedded AWS, let them find drift, destroy them
	$(BIN)/python -m demo

picture: setup demo  ## draw the pictures of reports anew, the README's from the demo (needs Chromium or Chrome)
	$(BIN)/python -m benchmarks.report_picture

docs: setup  ## build the documentation into site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean

package: setup  ## build wheel and sdist into dist/, and check them
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*

lock: setup  ## renew the lock files
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-strip-extras --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --extra local --extra operations --extra report --group build \
	    --constraints requirements.lock --no-emit-package pyarrow --universal --python-version 3.11 \
	    --generate-hashes --no-strip-extras --no-annotate --output-file requirements-demo.lock
	npm install --package-lock-only
	npm install --package-lock-only --prefix benchmarks

clean:  ## remove all that set-up and tests made
	rm -rf .venv .versions .uv-cache* .npm-cache* node_modules benchmarks/node_modules cdk.out dist build site .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
