# `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
PORT ?= 5000
APP_PORT ?= 8501
DAYS ?= 0

# The project's own store, by absolute path, so that the working folder of a command does not matter.
export MLFLOW_TRACKING_URI ?= sqlite:///$(CURDIR)/mlflow.db
export MLFLOW_DISABLE_TELEMETRY ?= true
export PATH := $(BIN):$(PATH)

.PHONY: help install lock app demo test coverage lint docs format notebook ui server cache cache-clean clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

install: $(VENV)/installed ## Create .venv with everything that training, tests and analysis need (no torch)

$(VENV)/installed: pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements.txt --editable '.[dev,docs]'
	touch $@

lock: install ## Update requirements.txt after a change to pyproject.toml (UPGRADE=1: to the newest releases)
	uv pip compile pyproject.toml --quiet --all-extras --python-version 3.11 --python-platform linux \
		$(if $(UPGRADE),--upgrade) --custom-compile-command 'make lock' --output-file requirements.txt
	sed -i "s/^# lock [0-9a-f]*/# lock $$(sha256sum requirements.txt | head -c 16)/" conda.yaml

demo: install ## A small study on drawn faces, ending in the trade-off table (under 3 minutes on 2 cores)
	mlflow run . --env-manager local --experiment-name demo

test: install ## All tests, one process per core
	python -m pytest --numprocesses auto

coverage: install ## All tests, with the branch coverage of fer and analysis, including the processes that they start
	coverage erase
	coverage run -m pytest
	coverage combine --quiet
	coverage report

lint: install ## Ruff (lint and format), the type checker, the import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports

docs: install ## Build the documentation site in site/ (broken links are errors)
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict

format: install ## Format the code
	ruff check --fix .
	ruff format .

app: install ## The app that tells emotions live, http://127.0.0.1:8501 (APP_PORT=...)
	python -m entrypoints.app --port $(APP_PORT)

ui: install ## MLflow's UI on the project's store, http://127.0.0.1:5000 (PORT=...)
	@echo 'Open http://127.0.0.1:$(PORT)/#/experiments?workflowType=machine_learning (MLflow opens a view of language models)'
	mlflow ui --backend-store-uri $(MLFLOW_TRACKING_URI) --port $(PORT)

server: install ## A tracking server on the project's store, which others can log to (PORT=...)
	mlflow server --backend-store-uri $(MLFLOW_TRACKING_URI) --artifacts-destination $(CURDIR)/mlartifacts \
		--host 127.0.0.1 --port $(PORT)

notebook: install ## Run docs/analysis.ipynb again on the runs of the demo (make demo first)
	MLFLOW_TRACKING_URI="$${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/mlflow.db}" jupyter execute --inplace docs/analysis.ipynb

cache: install ## List the trunk cache: stored outputs of frozen layers, see docs/trunk_cache.md
	python -m fer.training.trunk_cache

cache-clean: install ## Remove entries of the trunk cache that have not been used for DAYS days (default 0) and are not in use
	python -m fer.training.trunk_cache --remove $(DAYS)

clean: ## Remove the environment and caches; runs and data stay
	rm -rf $(VENV) site .coverage* .pytest_cache .ruff_cache .mypy_cache *.egg-info
