# Each target does its own set-up in .venv; the second run finds it done.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help fresh demo test check bench bench-redraw notebooks clean

help:
	@echo "make demo       redraw the sample county; then open runs/demo/hearing.html"
	@echo "make test       run the tests"
	@echo "make check      style, types, imports and sizes"
	@echo "make bench      measure, and write docs/benchmarks.md"
	@echo "make bench-redraw  the same for the redrawing engine alone (about two and a half hours)"
	@echo "make notebooks  open the notebooks in Jupyter"

$(READY): pyproject.toml constraints.txt tools/fetch_assets.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[notebooks,test,check,bench]"
	$(BIN)/python tools/fetch_assets.py
	@touch $@

fresh: $(READY)
	@$(BIN)/python tools/fresh_cache.py

demo: fresh
	$(BIN)/commplan run scenarios/demo.toml

test: fresh
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY)
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports --config importlinter.ini
	$(BIN)/python tools/check_size.py src benchmarks tools

bench: fresh
	$(BIN)/python -m benchmarks.run

bench-redraw: fresh
	$(BIN)/python -m benchmarks.run redraw-border redraw-distance redraw-bounds \
		redraw-bounds-long redraw-ladder redraw-counties redraw-infeasible redraw-small

notebooks: fresh
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf .venv runs
