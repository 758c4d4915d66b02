.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 4566
IMAGES ?= samples
MODEL ?= offline
STACK ?= image-search
INDEX ?= local
BIN := .venv/bin

help: ## these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

demo: .venv/demo ## the whole system on this machine; INDEX=cloud with Pinecone itself
	@exec $(BIN)/python -m local.demo --port $(PORT) --images "$(IMAGES)" --model $(MODEL) --index $(INDEX)

smoke: .venv/demo build/bundles/offline/model.json ## a scripted user against a fresh demo; STACK=name: against that stack on AWS
	@$(BIN)/python -m local.smoke $(if $(filter-out file,$(origin STACK)),--stack "$(STACK)")

test: .venv/test build/bundles/offline/model.json ## all tests
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder

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

bench: .venv/demo build/bench/bundle/model.json bench/node_modules ## measurements side by side, and what holds of the goals
	@$(BIN)/python -m bench.preprocessing --bundle build/bench/bundle
	@$(BIN)/python -m bench.models

deploy: .venv/demo ## the stack on AWS: make deploy STACK=name MODEL=clip-vit-b32 WITH='Writes=off Reads=open' TAGS='team=photos'
	@$(BIN)/python -m deploy --name "$(STACK)" $(TAGS:%=--tag %) $(if $(filter-out file,$(origin MODEL)),--model $(MODEL)) $(if $(BESIDE),--beside) $(WITH)

switch: .venv/demo ## search with the model deployed BESIDE=1, or back; FORGET=1 drops the other one's index
	@$(BIN)/python -m deploy.switch --name "$(STACK)" $(if $(FORGET),--forget)

destroy: .venv/demo ## remove the stack from AWS; ALL=1 removes the images and the index too
	@$(BIN)/python -m deploy.destroy --name "$(STACK)" $(if $(ALL),--all)

doctor: .venv/demo ## compare bucket and index: FIX=1 queues what differs, REJECTED=1 what was rejected, EVERYTHING=1 all images; PREFIX=, OTHER=1
	@$(BIN)/python -m deploy.doctor --name "$(STACK)" $(if $(FIX),--fix) $(if $(REJECTED),--rejected) $(if $(EVERYTHING),--everything) $(if $(PREFIX),--prefix "$$PREFIX") $(if $(OTHER),--other)

redrive: .venv/demo ## the dead-letter queue back to the uploads queue
	@$(BIN)/python -m deploy.redrive --name "$(STACK)"

fuzz: .venv/test build/bundles/offline/model.json ## 100,000 damaged and hostile images, and a hundred queries that are long to decode; some minutes
	@$(BIN)/python -m tests.fuzz.images
	@$(BIN)/python -m tests.fuzz.relatives

faults: .venv/test ## eighteen faults during a thousand changes each, on the emulated stack; half an hour
	@$(BIN)/python -m tests.faults

load: .venv/demo build/bundles/offline/model.json ## 10,000 images at once, 50 searches a second for five minutes, a flood
	@$(BIN)/python -m bench.load

# Versions that are locked stay while they fit.
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-header $(if $(UPGRADE),--upgrade) pyproject.toml
lock: .venv/bin/python ## what pyproject.toml asks for into the requirements; UPGRADE=1 takes the newest versions
	@$(PIP_INSTALL) uv
	@$(COMPILE) --universal --python-version 3.11 --extra demo --output-file requirements.txt
	@$(COMPILE) --universal --python-version 3.11 --extra test --constraint requirements.txt --output-file requirements-test.txt
	@$(COMPILE) --python-version 3.13 --python-platform aarch64-manylinux_2_28 --constraint requirements.txt --override layers/dependencies/unused.txt --output-file layers/dependencies/requirements.txt

clean: ## forget the demo's images, index and model
	rm -rf .demo build

# ---- what they need --------------------------------------------------------------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else f"Python 3.11 or newer is needed, {sys.version.split()[0]} is {sys.executable}: make PYTHON=python3.11 …")'
	@echo "making a virtual environment"
	@$(PYTHON) -m venv .venv

PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

.venv/demo: requirements.txt | .venv/bin/python
	@echo "installing packages, about a minute"
	@$(PIP_INSTALL) --require-hashes --requirement $<
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable . # a folder has no hash; the backend is locked
	@touch $@

.venv/test: requirements-test.txt .venv/demo
	@echo "installing test packages"
	@$(PIP_INSTALL) --require-hashes --requirement $<
	@touch $@

tests/browser/node_modules: tests/browser/package-lock.json
	@echo "installing the checks of the page; needs npm"
	@npm ci --prefix tests/browser --silent --no-audit --no-fund
	@touch $@

build/bundles/offline/model.json: .venv/demo $(wildcard model/*.py model/offline/*)
	@$(BIN)/python -m model offline
	@touch $@

# torch's builds differ in what they are for, and so in their checksums.
build/bench/venv/.made: bench/requirements.txt | .venv/bin/python
	@echo "installing torch and transformers, some minutes"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	@touch $@

build/bench/random/.made: bench/random_weights.py build/bench/venv/.made
	@echo "making random weights and their bundle, some minutes"
	@build/bench/venv/bin/python -m bench.random_weights $(@D)
	@touch $@

build/bench/bundle/model.json: build/bench/random/.made bench/bundle.py $(wildcard model/*.py model/*/*.py)
	@$(BIN)/python -m bench.bundle $(<D) $(@D)
	@touch $@

# A script of onnxruntime's would fetch CUDA libraries; its CPU library is in the package.
bench/node_modules: bench/package-lock.json
	@echo "installing transformers.js; needs npm"
	@npm ci --prefix bench --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: help demo smoke test package check model verify bench deploy switch destroy doctor redrive fuzz faults load lock clean
