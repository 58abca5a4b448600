# make run     the whole system on this machine: http://localhost:8080 (PORT=…, DATA_DIR=…, DATABASE=postgresql)
# make test    everything that CI checks; sets up what it needs
# make help    the rest

.DEFAULT_GOAL := help
BIN := .venv/bin
WORKERS ?= 2
TESTS ?= tests
# Without compiled modules each of the suite's many processes would compile whatever it imports.
unexport PYTHONDONTWRITEBYTECODE
# tests/support/system.py says what runs where
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
SOURCES := app telephony nlp scripts migrations tests benchmarks celery_worker.py wsgi.py gunicorn.conf.py

.PHONY: help setup setup-dev run test check gates lint format types imports smoke tests coverage bench lock clean clean-data

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 20

setup: ## the virtual environment with everything the product needs
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh run
	@scripts/setup.sh dev
	@scripts/browser.sh

run: setup ## start the whole system; Ctrl-C stops it
	@exec $(BIN)/python -m scripts.local

test: setup-dev check ## set up what the checks need, then all of them

check: ## all checks, without setting up
	@$(MAKE) --no-print-directory -j $(WORKERS) -O gates
	@$(MAKE) --no-print-directory tests

gates: lint types imports smoke

lint:
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

format: ## put the code into shape
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports --no-logo

tests: ## the tests alone; TESTS=tests/calls for some of them
	$(BIN)/pytest $(PARALLEL) $(TESTS)

coverage: setup-dev ## the tests with branch coverage, report in htmlcov/
	$(BIN)/pytest $(PARALLEL) --cov --cov-branch --cov-report=term:skip-covered --cov-report=html $(TESTS)

smoke:
	$(BIN)/python -m benchmarks --smoke

bench: setup-dev smoke ## a short run of every benchmark; `.venv/bin/python -m benchmarks` measures

lock: setup-dev ## requirements*.in -> requirements*.txt
	$(BIN)/python -m uv pip compile -q --universal requirements.in -o requirements.txt
	$(BIN)/python -m uv pip compile -q --universal requirements-dev.in -o requirements-dev.txt

clean: ## remove caches and reports, keep .venv and data
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage artefacts
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

clean-data: ## remove the demonstration's data in ./var
	rm -rf var
