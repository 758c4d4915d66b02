# One line each; what they do is in the README.
PYTHON ?= python3
PORT ?= 4566
IMAGES ?= samples
MODEL ?= offline
BIN := .venv/bin
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/image_search/python

demo: .venv/demo ## the whole system on this machine
	@exec $(BIN)/python -m local.demo --port $(PORT) --images "$(IMAGES)" --model $(MODEL)

smoke: .venv/demo build/bundles/offline/model.json ## a scripted user against a fresh demo
	@$(BIN)/python -m local.smoke

test: .venv/test build/bundles/offline/model.json ## all tests
	@$(BIN)/python -m pytest

package: .venv/test build/bundles/offline/model.json ## build what Lambda runs and test it; needs Python 3.13
	@$(BIN)/python -m pytest -m package

check: .venv/test tests/browser/node_modules ## format, lint, types, template
	$(BIN)/ruff format --check . && $(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml
	tests/browser/node_modules/.bin/tsc --project web/jsconfig.json
	tests/browser/node_modules/.bin/eslint --config tests/browser/eslint.config.js web

model: .venv/demo ## a bundle of the registry: make model MODEL=clip-vit-b32 PROCESSOR=x86-64 PRECISION=int8
	@$(BIN)/python -m model $(MODEL) $(if $(PROCESSOR),--processor $(PROCESSOR)) $(if $(PRECISION),--precision $(PRECISION))

verify: .venv/demo ## quality of a model's precisions, on its real weights
	@$(BIN)/python -m model.verify $(MODEL)

bench: .venv/demo ## measurements, side by side
	@$(BIN)/python -m bench.imports
	@$(BIN)/python -m bench.preprocessing
	@$(BIN)/python -m bench.models

deploy: .venv/demo ## the stack on AWS: make deploy MODEL=clip-vit-b32 WITH='Writes=off Reads=open'
	@$(BIN)/python -m deploy $(if $(filter-out file,$(origin MODEL)),--model $(MODEL)) $(if $(BESIDE),--beside) $(WITH)

switch: .venv/demo ## search with the model deployed BESIDE=1, or back; FORGET=1 drops the other one's index
	@$(BIN)/python -m deploy.switch $(if $(FORGET),--forget)

destroy: .venv/demo ## remove the stack from AWS; ALL=1 removes the images and the index too
	@$(BIN)/python -m deploy.destroy $(if $(ALL),--all)

reindex: .venv/demo ## queue the bucket's images again: PREFIX=, MISSING=1 what the index lacks, OTHER=1 what the other bundle lacks
	@$(BIN)/python -m deploy.reindex $(if $(PREFIX),--prefix "$$PREFIX") $(if $(MISSING),--missing) $(if $(OTHER),--other)

doctor: .venv/demo ## does the index agree with the bucket? FIX=1 queues what differs, FROM= goes on
	@$(BIN)/python -m deploy.doctor $(if $(FIX),--fix) $(if $(OTHER),--other) $(if $(FROM),--from "$$FROM")

redrive: .venv/demo ## dead letters back to the uploads queue
	@$(BIN)/python -m deploy.redrive

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header pyproject.toml --constraint requirements.txt
fuzz: .venv/test ## 100,000 damaged and hostile pictures, a few minutes
	@$(BIN)/python -m tests.fuzz.pictures

faults: .venv/test ## eighteen faults during a thousand changes each, on the emulated stack; half an hour
	@$(BIN)/python -m tests.faults

load: .venv/demo build/bundles/offline/model.json ## 10,000 images at once, 50 searches a second for five minutes, a flood
	@$(BIN)/python -m bench.load

lock: .venv/test ## newest versions into the requirements
	@$(BIN)/python -m pip install --quiet uv
	@for file in requirements.txt:--extra=local requirements-test.txt:--extra=local\ --extra=test; do \
	  $(COMPILE) --universal --python-version 3.11 $${file#*:} --output-file $${file%%:*}; done
	@$(COMPILE) --python-version 3.13 --python-platform aarch64-manylinux_2_28 --override layers/dependencies/unused.txt --output-file layers/dependencies/requirements.txt

clean: ## forget the demo's images, index and model
	rm -rf .demo build

# ---- what they need --------------------------------------------------------------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else f"Python 3.11 or newer is needed, {sys.version.split()[0]} is {sys.executable}: make PYTHON=python3.11 …")'
	@echo "making a virtual environment"
	@$(PYTHON) -m venv .venv

.venv/demo: requirements.txt | .venv/bin/python
	@echo "installing packages, about a minute"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.venv/test: requirements-test.txt .venv/demo
	@echo "installing test packages"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

tests/browser/node_modules: tests/browser/package-lock.json
	@echo "installing the checks of the page; needs npm"
	@npm ci --prefix tests/browser --silent --no-audit --no-fund
	@touch $@

build/bundles/offline/model.json: .venv/demo $(wildcard model/*.py model/offline/*)
	@$(BIN)/python -m model offline
	@touch $@

.PHONY: demo smoke test package check model verify bench deploy switch destroy reindex doctor redrive fuzz faults load lock clean
