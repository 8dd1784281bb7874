# Two commands to begin with: `make demo` and `make test`. Both need Python, make and the package index, no more.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PROGRAM := $(VENV)/program
INSTALLED := $(VENV)/installed
PORT ?= 8080

.PHONY: demo test test-all interop lint wsdl docs clean

# The program with what it needs to run.
$(PROGRAM): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# The same environment with what tests and linters need.
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(PROGRAM) $@

# A demo shop on 127.0.0.1:8080 (PORT=...), and a first invoice and a connector's calls over SOAP.
demo: $(PROGRAM)
	$(BIN)/magento-soap demo --port $(PORT)

# Linters, types, and all tests that need nothing but this environment: no database server, no PHP, no other stack.
test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --ignore tests/attack -m "not external"

# The rest: database servers and stacks, as far as there are any, attacks, and the other Pythons of this machine.
# Attacks are measured, so they run one by one.
test-all: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --ignore tests/attack -m external
	$(BIN)/python -m pytest tests/attack
	.ci/other-pythons $(BIN)/python

# Every stack of docs/clients.md lives through an invoice, without the network; installs the stacks that are missing.
interop: $(INSTALLED)
	tests/interop/install
	MAGENTO_SOAP_REQUIRE_INTEROP=1 tests/interop/offline $(BIN)/python -m pytest -n auto tests/interop

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The contracts in wsdl/, as the server of default settings serves them.
wsdl: export MAGENTO_SOAP_CONFIG = -
wsdl: $(PROGRAM)
	$(BIN)/magento-soap wsdl v1 --output wsdl/v1.wsdl
	$(BIN)/magento-soap wsdl v2 --output wsdl/v2.wsdl
	$(BIN)/magento-soap wsdl wsi --output wsdl/v2-wsi.wsdl
	$(BIN)/magento-soap wsdl wsi-documented --output wsdl/v2-wsi-documented.wsdl

# docs/coverage.md and the generated sections of other pages.
docs: $(INSTALLED)
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv .venv-3.* build var .mypy_cache .ruff_cache .pytest_cache .hypothesis
