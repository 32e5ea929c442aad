# Everything runs from a virtual environment in .venv that `make` sets up by itself; `make help` prints the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
JOBS ?= 2
RUN := .venv/bin/python
VENV := .venv/.ready
TOOLS := var/tools/.ready
EXTRAS := gateway,dialogue,editing,trace,train,evaluate,bench,dev

.PHONY: help
help:  ## print this list
	@grep -hE '^[a-z0-9-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*  ## /\1\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-15s %s\n' "$$name" "$$what"; done

.PHONY: demo
demo: $(VENV)  ## start everything, watch a conversation change a picture, stop everything (pictures in demo/)
	@$(RUN) -m services.local.demo

.PHONY: up
up: $(VENV)  ## start everything in the foreground on PORT (8000), with WORKERS (1) editing workers; Ctrl-C stops it
	@$(RUN) -m services.local.up --port $(PORT) --workers $(or $(WORKERS),1) $(ARGS)

.PHONY: down
down:  ## stop what `make up` of this folder started
	@test ! -x $(RUN) || $(RUN) -m services.local.down

.PHONY: check
check: lint types test  ## lint, types and test

.PHONY: lint
lint: $(VENV)  ## ruff: rules and format
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

.PHONY: format
format: $(VENV)  ## let ruff put the code into shape
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

.PHONY: types
types: $(VENV)  ## mypy, strict
	@$(RUN) -m mypy

.PHONY: test
test: $(VENV)  ## all tests: unit, integration, end to end (ARGS="-m 'not slow'" for the quick ones, JOBS=0 for one by one)
	@$(RUN) -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)  ## hostile input for longer: thousands of generated requests, lives of conversations, cut streams (15 minutes)
	@$(RUN) -m pytest tests/hostile -m fuzz -s $(ARGS)

.PHONY: e2e
e2e: $(VENV)  ## the end-to-end tests against a running stack: make e2e BASE_URL=http://127.0.0.1:8000
	@BASE_URL=$(BASE_URL) $(RUN) -m pytest tests/e2e $(ARGS)

.PHONY: faults
faults: $(VENV)  ## kill, cut and fill everything under load, five times each; check what is promised (docs/faults.md)
	@$(RUN) -m tests.faults $(ARGS)

.PHONY: faults-mutants
faults-mutants: $(VENV)  ## take our protections away one by one: the fault runs must notice each
	@$(RUN) -m tests.faults.mutations $(ARGS)

.PHONY: soak
soak: $(VENV)  ## random faults one after the other for MINUTES (30)
	@$(RUN) -m tests.faults.soak --minutes $(or $(MINUTES),30) $(ARGS)

.PHONY: train-mini
train-mini: $(VENV)  ## make both mini models from packages and generated data alone (hours on a CPU; resumes)
	@$(RUN) -m training.mini $(ARGS)

.PHONY: evaluate
evaluate: $(VENV)  ## measure both models and write the report (ARGS=--quick for a taste of it)
	@$(RUN) -m evaluation $(ARGS)

.PHONY: evaluate-stack
evaluate-stack: $(VENV)  ## simulated users talk to a running stack: make evaluate-stack BASE_URL=http://127.0.0.1:8000
	@$(RUN) -m evaluation.through_stack $(or $(BASE_URL),http://127.0.0.1:$(PORT)) $(ARGS)

.PHONY: bench
bench: $(VENV)  ## edits beside diffusers, LitServe, Celery, FastAPI: tables, and var/bench (15 minutes)
	@$(RUN) -m benchmarks $(ARGS)

.PHONY: bench-gpu
bench-gpu: $(VENV)  ## models of full size on one GPU, beside diffusers (10 minutes)
	@$(RUN) -m benchmarks.gpu $(ARGS)

.PHONY: bench-load
bench-load: $(VENV)  ## load on a running stack, closed and open loop: make bench-load BASE_URL=http://127.0.0.1:8000
	@$(RUN) -m benchmarks.against $(or $(BASE_URL),http://127.0.0.1:$(PORT)) $(ARGS)

.PHONY: bench-scale
bench-scale: $(VENV)  ## 1 to 64 workers without a GPU: throughput, its cost, and where the knee is (docs/scaling.md)
	@$(RUN) -m benchmarks.scale $(ARGS)

.PHONY: bench-endurance
bench-endurance: $(VENV)  ## ten thousand tiny edits: memory, descriptors, and what stays in Redis
	@$(RUN) -m benchmarks.endurance $(ARGS)

.PHONY: lock
lock: $(VENV) $(TOOLS)  ## write requirements.lock, and those of the containers, from the versions in .venv
	@$(RUN) -m services.local.lock var/tools/bin/uv

.PHONY: sbom
sbom: $(VENV) $(TOOLS)  ## write var/sbom.json: every package in .venv, with licences, as CycloneDX
	@var/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o var/sbom.json .venv

.PHONY: audit
audit: $(TOOLS)  ## ask PyPI about known vulnerabilities of every version in requirements.lock
	@var/tools/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r requirements.lock

# What looks at the project from outside has an environment of its own.
$(TOOLS): Makefile
	@$(PYTHON) -m venv var/tools
	@var/tools/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-audit==2.10.1 uv==0.13.9
	@touch $@

.PHONY: env-example
env-example: $(VENV)  ## write .env.example from shared/settings.py
	@$(RUN) -m services.local.env_example

.PHONY: venv
venv: $(VENV)  ## set up .venv (the other targets do it by themselves)

$(VENV): pyproject.toml requirements.lock client/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(RUN) || $(PYTHON) -m venv .venv
	@echo "Installing packages into .venv (once; a few minutes) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[$(EXTRAS)]' -e ./client
	@touch $@

.PHONY: clean
clean:  ## remove caches, what `make up` and `make demo` wrote (not .venv, checkpoints, training runs)
	@rm -rf var/redis var/images demo build client/build *.egg-info client/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
