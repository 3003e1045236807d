# The developer's manual: `make` prints it. Every command runs in the locked environment.
.DEFAULT_GOAL := help
SHELL := /bin/sh
RUN := scripts/env
PYTEST := $(RUN) pytest

# What `make demo` runs on. Empty: three made-up shops, asked over HTTP. online-retail: a real shop's year, from
# ../shared/data, else generated in its shape. Or a folder or file of Online Retail.
DATA ?=
# More words for pytest, for example: make test-unit ARGS="tests/unit/lakehouse -x"
ARGS ?=

##@ Start here

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: bootstrap ## Three shops to warehouse, forecast, purchase list and PDF (DATA=online-retail for a real shop's files)
	@$(RUN) ecomops demo $(if $(DATA),--data '$(DATA)')

.PHONY: test
test: bootstrap ## All tests; those that need something this machine lacks say so and are skipped
	@$(PYTEST) $(ARGS)

##@ Look at what was made

.PHONY: sql
sql: bootstrap ## A SQL prompt on the published warehouse, read-only
	@$(RUN) ecomops sql

.PHONY: airflow
airflow: bootstrap ## Airflow's scheduler and web page, until Ctrl-C (PORT=8080)
	@$(RUN) python scripts/airflow-up $(if $(PORT),--port '$(PORT)')

.PHONY: sandbox
sandbox: bootstrap ## The made-up merchant's shops as servers to practise on, until Ctrl-C
	@$(RUN) python -m sandbox serve

.PHONY: doctor
doctor: bootstrap ## Check this installation and name the remedy for what is missing
	@$(RUN) ecomops doctor

.PHONY: docs
docs: bootstrap ## The warehouse's documentation: one HTML file
	@$(RUN) ecomops docs

##@ Work on it

.PHONY: bootstrap
bootstrap: ## The locked environment in .venv (nothing happens when it is current)
	@python3 scripts/bootstrap

TESTS ?= tests/unit tests/dags tests/golden

.PHONY: test-unit
test-unit: bootstrap ## Tests of the platform, without servers: the quick ones
	@$(PYTEST) $(TESTS) -n 2 --dist loadfile -m "not integration and not faults" $(ARGS)

.PHONY: test-integration
test-integration: bootstrap ## Tests against real components: S3 server, Airflow scheduler, whole pipeline
	@$(PYTEST) -m integration $(ARGS)

.PHONY: test-faults
test-faults: bootstrap ## Tests that kill, corrupt and interrupt, in all their cases (some ten minutes)
	@$(PYTEST) -m faults --all-cases $(ARGS)

.PHONY: coverage
coverage: bootstrap ## Which lines the tests run, as a page: var/coverage/index.html
	@$(PYTEST) -n 2 --dist loadfile --cov --cov-report=term:skip-covered --cov-report=html:var/coverage $(ARGS)

.PHONY: check
check: lint types imports sql-lint ## Everything that reads the code without running it

.PHONY: lint
lint: bootstrap ## Python style and formatting
	@$(RUN) ruff check --output-format concise
	@$(RUN) ruff format --check

.PHONY: format
format: bootstrap ## Format the Python and fix what can be fixed safely
	@$(RUN) ruff check --fix --output-format concise
	@$(RUN) ruff format

.PHONY: types
types: bootstrap ## Types, strictly
	@$(RUN) mypy

.PHONY: imports
imports: bootstrap ## Who may import whom
	@$(RUN) lint-imports

.PHONY: sql-lint
sql-lint: bootstrap ## SQL style
	@$(RUN) sqlfluff lint dbt_project --processes 2

.PHONY: quality
quality: bootstrap ## The models' quality on any folder of data: make quality DATA=… (benchmarks/quality/README.md)
	@$(RUN) python -m benchmarks.quality $(DATA) $(ARGS)

.PHONY: bench
bench: bootstrap ## Benchmarks (minutes)
	@$(PYTEST) benchmarks $(ARGS)

.PHONY: clean
clean: ## Remove caches and build products; var/ (your data) and .venv stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov \
	  dbt_project/target dbt_project/logs logs
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Also remove .venv and .tools; var/ stays
	@rm -rf .venv .tools
