# Every command of the project; `make` alone lists them.
#
# All but help, web, image, audit, lock and clean set the project up first: a stamp in .venv is older
# than the files that describe the installation until scripts/setup has run.

.DEFAULT_GOAL := help

BIN := .venv/bin
RUNNABLE := .venv/.run-stamp
READY := .venv/.setup-stamp
TESTABLE := .venv/.tests-stamp

# The Python to make .venv with; empty lets scripts/find-python choose.
PYTHON ?=
export PYTHON

# Passed on to `uv pip compile`; --upgrade takes the newest versions that pyproject.toml allows.
LOCK_FLAGS ?=

# What `make bench` measures: names with commas between; empty for all.
BENCH_ONLY ?=

# Passed on to scripts/image: names of images, flags such as --no-cache.
IMAGE_FLAGS ?=

.PHONY: help setup quote serve web image e2e e2e-ci test test-fast lint fmt type attack ci soak load chaos scaling fuzz bench estimate audit lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## make .venv, install the locked dependencies and a slicer

SETUP := pyproject.toml requirements-uv.lock $(addprefix scripts/, \
  setup make-venv pinned_uv.py install-slicer install-sandbox)

$(RUNNABLE): $(SETUP) requirements.lock requirements-build.lock
	@scripts/setup run

$(READY): $(SETUP) requirements-dev.lock
	@scripts/setup

quote: $(RUNNABLE) ## price the bundled part over HTTP and print the quote
	@$(BIN)/python scripts/quote_demo.py

serve: $(RUNNABLE) ## run the service in the foreground
	@$(BIN)/pricing-fdm serve

web: ## build the quote page (needs Node 18 or newer)
	@scripts/build-web

image: ## build the container image; where that cannot be, the nearest
	@scripts/image $(IMAGE_FLAGS)

e2e: $(TESTABLE) ## run the scenarios against the image, which is built if need be
	@scripts/e2e

e2e-ci: $(TESTABLE) ## those of them that the pipeline runs
	@scripts/e2e -m "not beyond_ci"

test: $(TESTABLE) ## run all tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-fast: $(READY) ## the tests without slicers, browsers, Redis and whole services, in a minute
	@$(BIN)/python -m pytest -n auto --dist worksteal --fast -m "not slow"

$(TESTABLE): $(READY) scripts/setup-tests
	@scripts/setup-tests

lint: $(READY) ## check code and format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

fmt: $(READY) ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --exit-zero
	@$(BIN)/ruff format

type: $(READY) ## check the types
	@$(BIN)/mypy

attack: $(TESTABLE) ## the break-ins that are known, against services of their own
	@$(BIN)/python -m scripts.attack

ci: lint type test attack e2e-ci ## what the pipeline runs

soak: $(READY) ## 500 mixed quotes, 300 slices with faults: does anything grow?
	@$(BIN)/python -m scripts.soak

load: $(READY) ## twice what the service can do: does it recover?
	@$(BIN)/python -m scripts.load

chaos: $(TESTABLE) ## 200 jobs while workers and Redis are killed: is any lost?
	@$(BIN)/python -m scripts.chaos

scaling: $(TESTABLE) ## what a quote costs in the queue mode, with 1, 2, 3 workers
	@$(BIN)/python -m scripts.scaling

fuzz: $(READY) ## 10,000 damaged models of every format: each a quote or a refusal
	@$(BIN)/python -m scripts.fuzz_models

bench: $(READY) ## measure everything, write docs/performance.md (BENCH_ONLY=memory,start)
	@$(BIN)/python -m benchmarks $(if $(BENCH_ONLY),--only $(BENCH_ONLY))

ESTIMATE_PARTS := $(wildcard ../shared/estimate-parts)
ESTIMATE_QUOTES := $(wildcard ../shared/estimate-parts/orca-labels.csv)

estimate: $(READY) ## fit the bundled estimate, write docs/estimate.md (TRAIN_FLAGS="--minutes 60")
	@$(BIN)/pricing-fdm estimate train --to src/pricing_fdm/estimate/models --report docs/estimate.md \
	  $(if $(ESTIMATE_PARTS),--parts $(ESTIMATE_PARTS)) \
	  $(if $(ESTIMATE_QUOTES),--table $(ESTIMATE_QUOTES) orca 2.3.1) $(TRAIN_FLAGS)

audit: ## known holes in the locked versions (needs the internet)
	@scripts/audit

lock: ## renew the lock files (LOCK_FLAGS=--upgrade: newest versions)
	@scripts/lock $(LOCK_FLAGS)

clean: ## remove everything that the other commands made
	rm -rf .venv .slicer .container .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage dist build
	rm -rf web/node_modules src/pricing_fdm/page
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
