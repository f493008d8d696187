# Every target sets up what it needs, from a bare Python 3.11 to 3.13 with pip; a second run installs nothing.
# make PYTHON=/path/to/python3 chooses the interpreter of a new environment; ARGS="..." goes to what the target runs.

PYTHON ?=
VENV ?= .venv
JOBS ?= 2
ARGS ?=
CLANG_TIDY ?= clang-tidy

SETUP = scripts/setup $(if $(PYTHON),--python $(PYTHON))
BIN = $(VENV)/bin
# The tables of the README: steps, answers, cold start. `python -m benchmarks.run` alone measures all there is, in hours.
BENCH = $(BIN)/python -m benchmarks.run --budget 25 --measures steps,predict,inference,cold
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

.DEFAULT_GOAL := help
.NOTPARALLEL:
# The tests are about numbers on the processor; the demo takes whatever device there is.
test test-all check: export JAX_PLATFORMS ?= cpu
.PHONY: help demo test test-all check native-test bench bench-peers clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Train a network on real handwritten digits and write its run folder
	@$(SETUP) --venv $(VENV)
	$(BIN)/ranvier train digits $(ARGS)

test: ## Run the fast tests
	@$(SETUP) --venv $(VENV) test
	$(PYTEST) -m "not slow" $(ARGS)

test-all: ## Run all tests, the slow ones too
	@$(SETUP) --venv $(VENV) test
	JAX_DISABLE_MOST_OPTIMIZATIONS=0 $(PYTEST) $(ARGS)

check: ## Format, lint, types, import contract, tests; the tests also on a second Python where there is one
	@$(SETUP) --venv $(VENV) test check
	@VENV=$(VENV) scripts/check --second-python

native-test: ## Build and run the kernels' own tests in C++: plainly, under address and thread sanitizers; needs CMake
	for kind in "" address,undefined thread; do \
	  folder=build/native-test/$${kind:-plain}; \
	  cmake -S native/tests -B $$folder -DRANVIER_SANITIZE=$$kind >/dev/null && \
	  cmake --build $$folder --parallel $(JOBS) && \
	  (cd $$folder && ctest --output-on-failure $(ARGS)) || exit 1; \
	done
	@if command -v $(CLANG_TIDY) >/dev/null; then \
	  $(CLANG_TIDY) --quiet native/tests/*.cc native/src/threads.cc -- -std=gnu++17 -march=native; \
	else echo "There is no $(CLANG_TIDY): the native code is tested and not linted."; fi

bench: ## Measure Ranvier beside every peer that is installed
	@$(SETUP) --venv $(VENV) bench
	$(BENCH) $(ARGS)

bench-peers: ## The same, after installing the peers (Keras, PyTorch, TensorFlow) into .venv-peers
	@$(SETUP) --venv $(VENV) bench
	@scripts/setup --python $(BIN)/python --venv .venv-peers peers
	$(BENCH) $(ARGS)

clean: ## Remove environments, caches and build products; run folders stay
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
