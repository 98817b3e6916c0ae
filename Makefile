# Everything a contributor needs. `make` alone says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOCK = $(BIN)/python -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --no-strip-extras --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help setup setup-spark build test lint check-sql pytest bench lock clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

setup: $(INSTALLED) ## Install what the project needs into .venv

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock \
	  && uv pip install --quiet --python $(BIN)/python --no-deps -e .; \
	else \
	  $(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements.lock \
	  && $(BIN)/python -m pip install -qq --no-deps -e .; \
	fi
	@touch $@

setup-spark: setup ## Install Apache Spark too, for --target spark and its tests (Java 17 or 21 is yours)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-spark.lock; \
	else \
	  $(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements-spark.lock; \
	fi

build: setup ## Generate the sample company, build it, show the morning queue
	$(BIN)/pls demo

lint: setup ## Check style and types of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory check-sql

check-sql: setup
	PLS_DATABASE=:memory: DBT_TARGET_PATH=target/sqlfluff $(BIN)/python scripts/lint_sql.py lint --disable-progress-bar models tests/data

pytest: setup
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

test: ## Run every check: style, types, and pytest, which builds the sample with all dbt tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory pytest

bench: setup ## Measure time and memory on 5M and 20M events, into data/bench
	$(BIN)/pls bench --demo

lock: setup ## Pin the newest versions that pyproject.toml allows
	$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(LOCK) --upgrade --extra dev --extra dialects --extra ducklake --output-file requirements.lock
	$(LOCK) --upgrade --extra spark --constraint requirements.lock --output-file requirements-spark.lock \
	  $$(sed -nE 's/^([A-Za-z0-9_.-]+)(\[.*\])?==.*/--no-emit-package \1/p' requirements.lock)

clean: ## Remove what builds and checks leave behind, but neither data nor .venv
	rm -rf target logs .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
