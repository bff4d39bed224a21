# The front door. It needs Python 3.11 or newer as `python3`, make, and a Python package index; everything else comes
# from the locked requirements. `make` alone lists what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run stop status load fetch contract reject release replay erase metrics psql url password test torture bench lint docs clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STACK := $(BIN)/python -m infra.stack
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed

export PYTHONPATH := dags:.

help: ## List these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-9s %s\n' "$$name" "$$text"; done

run: $(RUNTIME) ## Start everything on this machine and stay until Ctrl-C
	@exec $(STACK) run --end-with-parent

stop: $(RUNTIME) ## End what `make run` started
	@$(STACK) stop

status: $(RUNTIME) ## Say what runs, where, what is loaded, published or held
	@$(STACK) status

load: $(RUNTIME) ## Load FILE= (file, folder or glob) [STORE= ACCOUNT= DATE= REPORT=] and publish it
	@test -n "$$FILE" || { echo 'say what to load: make load FILE=path/to/export.csv (a file, a folder, or a glob in quotes)' >&2; exit 2; }
	@$(STACK) exec $(BIN)/python -m tradewind load "$$FILE" \
		$(if $(STORE),--store "$$STORE") $(if $(ACCOUNT),--account "$$ACCOUNT") \
		$(if $(DATE),--date "$$DATE") $(if $(REPORT),--report "$$REPORT")

fetch: $(RUNTIME) ## Fetch what is new at TRADEWIND_LANDING_URL and publish it
	@$(STACK) exec $(BIN)/python -m tradewind fetch

contract: $(RUNTIME) ## Draft the contract of an unknown FILE= [REPORT= SHEET=], printed or with SAVE=1 written
	@test -n "$$FILE" || { echo 'say what to draft a contract of: make contract FILE=path/to/export.csv [REPORT=shop_orders] [SHEET=Orders] [SAVE=1]' >&2; exit 2; }
	@$(BIN)/python -m tradewind contract "$$FILE" $(if $(REPORT),--report "$$REPORT") \
		$(if $(SHEET),--sheet "$$SHEET") $(if $(filter 1,$(SAVE)),--save)

reject: $(RUNTIME) ## Take load LOAD= out of the numbers again, with REASON=
	@test -n "$$LOAD" -a -n "$$REASON" || { echo 'say which load and why: make reject LOAD=12 REASON="wrong store"' >&2; exit 2; }
	@$(STACK) exec $(BIN)/python -m tradewind reject "$$LOAD" --reason "$$REASON"

release: $(RUNTIME) ## Confirm what is held, load LOAD= or all of build BUILD=, with REASON=
	@test -n "$$LOAD$$BUILD" -a -n "$$REASON" || { echo 'say which load and why: make release LOAD=12 REASON="Singles Day"' >&2; exit 2; }
	@$(STACK) exec $(BIN)/python -m tradewind release $${LOAD:+--load "$$LOAD"} $${BUILD:+--build "$$BUILD"} --reason "$$REASON"

replay: $(RUNTIME) ## Read load LOAD= again from the archive, after its contract was mended
	@test -n "$$LOAD" || { echo 'say which load: make replay LOAD=12' >&2; exit 2; }
	@$(STACK) exec $(BIN)/python -m tradewind replay "$$LOAD"

# PERSON reaches the command in the environment; given to make as an argument it stands in the list of processes for as
# long as make runs
erase: $(RUNTIME) ## Erase the person whom PERSON in the environment names, or whom you type when asked
	@$(STACK) exec $(BIN)/python -m tradewind erase

metrics: $(RUNTIME) ## Write what follows from dbt_project/metrics
	@$(BIN)/python -m tradewind.metrics

psql: $(RUNTIME) ## Open psql on the warehouse as administrator
	@$(STACK) psql

url: $(RUNTIME) ## Print the administrator's connection URL (use make -s url)
	@$(STACK) url

password: $(RUNTIME) ## Print the password of Airflow's user admin
	@$(STACK) password

# what stands in tests/dags needs no browser, and a newcomer may have none
test: $(DEVELOPMENT) ## Run every test, the browser's included, or TESTS=
	@$(if $(TESTS),$(if $(filter-out tests/dags%,$(TESTS)),$(STACK) browser,true),$(STACK) browser)
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 $(TESTS)

torture: $(DEVELOPMENT) ## Kill the loader, Postgres, disks and Airflow at every point; shuffle arrivals
	@$(BIN)/python -m tests.torture --kills 500
	@$(BIN)/python -m tests.torture --airflow
	@$(BIN)/python -m tests.dbt_project --orders 100

bench: $(DEVELOPMENT) ## Measure loading, building, publishing and the pages
	@$(BIN)/python -m infra.bench

lint: $(DEVELOPMENT) ## Check style, types, SQL, imports and YAML
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=$(PYTHONPATH):streamlit_app $(BIN)/lint-imports
	@$(BIN)/yamllint --strict .
	@$(BIN)/sqlfluff lint infra/postgres

docs: $(RUNTIME) ## Write the dbt documentation as one file, .tradewind/docs/index.html
	@$(STACK) exec $(BIN)/python -m tradewind docs

clean: ## Remove the environment (the data in .tradewind stay)
	rm -rf $(VENV)

# ---------------------------------------------------------------------------------------------------------------------
# The environment. Each stamp is newer than the lock it was made from, so that a second call costs nothing.

$(BIN)/uv: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Tradewind needs Python 3.11 or newer; \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo 'Making the environment in $(VENV) …' >&2
	@$(PYTHON) -m venv $(VENV) || { echo 'This Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(RUNTIME): $(BIN)/uv requirements.lock
	@echo 'Installing the locked requirements …' >&2
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	@echo 'Installing what tests and checks need …' >&2
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
