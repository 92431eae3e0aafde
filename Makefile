# Everything starts here. Each target makes what it needs (.venv, the explorer's page) and skips what is done.
#   make demo ARGS="--no-stay --report report.json"     ARGS is passed on to the program behind a target.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Nothing of another project's environment may reach ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PYTHON

ARGS ?=
bin := .venv/bin

.PHONY: help setup explorer explorer-if-possible demo run test test-clients test-servers soak check format chaos overload bench schema requirements clean

help:
	@echo "make demo          the eleven days of March 2022 again, on a database of its own (ARGS=\"--help\" lists what it takes)"
	@echo "make run           serve on the embedded database, or on KHAIBAO_DATABASE_URL"
	@echo "make test          every test that needs no server of Debian's"
	@echo "make test-clients  the audits of GraphQL over HTTP, and the clients that frontends use (npm's and Python's), cut and resumed"
	@echo "make test-servers  the tests against Debian's PostgreSQL 15, Redis, Kannel, HAProxy, SoftHSM and Chromium, and a server of S3"
	@echo "make soak          a million random operations on random trees: nobody sees what is not theirs; 50,000 odd ones; and a million compiled (ARGS=\"--cases 20000 --seed 7\")"
	@echo "make check         format, lint, types, import direction, dependencies, dead code, schema file"
	@echo "make format        what ruff can put right by itself"
	@echo "make chaos         kill, cut and stall everything while people declare; nothing may be lost (ARGS=\"--help\")"
	@echo "make overload      ten times what a server can do: everybody is answered or told when to come back (ARGS=\"--help\")"
	@echo "make bench         measure (ARGS names a measurement)"
	@echo "make schema        print the schema file anew"
	@echo "make explorer      build the explorer's page"
	@echo "make requirements  pin the requirements anew"
	@echo "make clean         remove what make made (never a database)"

setup:
	@.ci/setup

explorer: setup
	@.ci/explorer --must

explorer-if-possible: setup
	@.ci/explorer

demo: explorer-if-possible
	@$(bin)/khaibao demo $(ARGS)

run: explorer-if-possible
	@$(bin)/khaibao serve $(ARGS)

test: explorer-if-possible
	@.ci/tests $(ARGS)

test-clients: explorer-if-possible
	@.ci/clients
	$(bin)/python -m pytest tests/clients -m clients $(ARGS)

test-servers: explorer-if-possible
	@.ci/servers
	$(bin)/python -m pytest tests/servers -m servers $(ARGS)

soak: setup
	@$(bin)/python -m tests.integration.scope.soak $(ARGS)
	@$(bin)/python -m tests.integration.fuzz.soak $(ARGS)
	@$(bin)/python -m tests.unit.engine.soak $(ARGS)

check: setup
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy .
	$(bin)/python -m pytest tests/architecture -q
	$(bin)/deptry .
	$(bin)/vulture
	$(bin)/khaibao schema --check
	$(bin)/khaibao policy --check
	$(bin)/khaibao lifecycle --check
	$(bin)/khaibao guide --check

format: setup
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

chaos: setup
	@$(bin)/python -m chaos $(ARGS)

overload: setup
	@$(bin)/python -m overload $(ARGS)

bench: setup
	@$(bin)/python -m bench $(ARGS)

schema: setup
	@$(bin)/khaibao schema --write

# No index, no folder of wheels, no host: the files must install from whichever index a machine is set up with.
compile := $(bin)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
requirements: export CUSTOM_COMPILE_COMMAND = make requirements
requirements: setup
	$(compile) $(ARGS) --output-file requirements/run.txt pyproject.toml
	$(compile) $(ARGS) --extra dev --extra otel --extra pkcs11 --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml
	$(compile) $(ARGS) --output-file requirements/explorer.txt requirements/explorer.in
	$(compile) $(ARGS) --output-file requirements/s3.txt requirements/s3.in
	$(compile) $(ARGS) --output-file requirements/plots.txt requirements/plots.in

clean:
	rm -rf .venv .cache build dist *.egg-info explorer/node_modules tests/clients/node_modules bench/peers/node_modules graph/explorer/static graph/explorer/static.new
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
