# make demo: review the sample contracts.   make test: run the tests.   Each works on a fresh machine with Python >= 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS ?= constraints.txt
OUT ?= review

.PHONY: setup demo lint test bench clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]' --constraint $(CONSTRAINTS)
	ln -sfn '$(CURDIR)' "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dsapp"
	touch $@

setup: $(VENV)/.installed

demo: setup
	$(BIN)/dsapp finance review data_samples/contracts --us "Northwind Analytics" --out $(OUT) || test $$? -eq 3
	@echo "Open this page in a browser: file://$(CURDIR)/$(OUT)/index.html"

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python

test: setup
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --doctest-modules --pyargs dsapp.core dsapp.finance dsapp.manufacturing dsapp.pipelines --ignore-glob='*/tests/*'

bench: setup
	$(BIN)/python benchmarks/finance_review.py --json benchmarks/results/finance_review.json

clean:
	rm -rf $(VENV) build dist *.egg-info
