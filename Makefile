# Two commands to begin with: `make demo` and `make test`. Both need Python, make and the package index, no more.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PORT ?= 8080

.PHONY: demo test interop lint wsdl docs clean

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# A demo shop on 127.0.0.1:8080 (PORT=...), and a first invoice made through SOAP.
demo: $(INSTALLED)
	$(BIN)/magento-soap demo --port $(PORT)

# Linters, types and the whole suite on the environment's Python, then the suite on every other Python of the machine.
# Attacks are measured, so they come after the rest, one by one.
test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --ignore tests/attack
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
wsdl: $(INSTALLED)
	$(BIN)/magento-soap wsdl v1 --output wsdl/v1.wsdl
	$(BIN)/magento-soap wsdl v2 --output wsdl/v2.wsdl
	$(BIN)/magento-soap wsdl wsi --output wsdl/v2-wsi.wsdl
	$(BIN)/magento-soap wsdl wsi-documented --output wsdl/v2-wsi-documented.wsdl

# docs/coverage.md and the generated sections of other pages.
docs: $(INSTALLED)
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv .venv-3.* build var .mypy_cache .ruff_cache .pytest_cache .hypothesis
