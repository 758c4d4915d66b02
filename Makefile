.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 4566
IMAGES ?= samples
MODEL ?= offline
STACK ?= image-search
INDEX ?= local
BIN := .venv/bin

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

demo: .venv/demo ## run the whole system on this machine; IMAGES=folder, INDEX=cloud: with Pinecone itself
	@exec $(BIN)/python -m local.demo --port $(PORT) --images "$(IMAGES)" --model $(MODEL) --index $(INDEX)

smoke: .venv/demo build/bundles/offline/model.json ## let a scripted user visit a fresh demo; STACK=name: that stack on AWS
	@$(BIN)/python -m local.smoke $(if $(filter-out file,$(origin STACK)),--stack "$(STACK)")

test: .venv/test build/bundles/offline/model.json ## run all tests
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder

package: .venv/test build/bundles/offline/model.json ## build and test what Lambda runs; needs Python 3.13
	@$(BIN)/python -m pytest -m package

check: .venv/test tests/browser/node_modules ## check format, lint, types and template
	$(BIN)/ruff format --check . && $(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml
	tests/browser/node_modules/.bin/tsc --project web/jsconfig.json
	tests/browser/node_modules/.bin/eslint --config tests/browser/eslint.config.js web

model: .venv/demo ## build a model of the registry: make model MODEL=clip-vit-b32 PROCESSOR=x86-64 PRECISION=int8
	@$(BIN)/python -m model $(MODEL) $(if $(PROCESSOR),--processor $(PROCESSOR)) $(if $(PRECISION),--precision $(PRECISION))

verify: .venv/demo ## measure the precisions of a model, on its real weights
	@$(BIN)/python -m model.verify $(MODEL)

bench: .venv/demo build/bench/bundle/model.json bench/node_modules ## measure side by side, and compare with the goals
	@$(BIN)/python -m bench.preprocessing --bundle build/bench/bundle
	@$(BIN)/python -m bench.models

deploy: .venv/demo ## deploy the stack to AWS: make deploy STACK=name MODEL=clip-vit-b32 WITH='Writes=off Reads=open' TAGS='team=photos'
	@$(BIN)/python -m deploy --name "$(STACK)" $(TAGS:%=--tag %) $(if $(filter-out file,$(origin MODEL)),--model $(MODEL)) $(if $(BESIDE),--beside) $(WITH)

switch: .venv/demo ## search with the model deployed BESIDE=1, or back; FORGET=1 drops the other one's index
	@$(BIN)/python -m deploy.switch --name "$(STACK)" $(if $(FORGET),--forget)

destroy: .venv/demo ## remove the stack from AWS; ALL=1 removes the images and the index too
	@$(BIN)/python -m deploy.destroy --name "$(STACK)" $(if $(ALL),--all)

doctor: .venv/demo ## compare bucket and index: FIX=1 queues what differs, REJECTED=1 what was rejected, EVERYTHING=1 all images; PREFIX=, OTHER=1
	@$(BIN)/python -m deploy.doctor --name "$(STACK)" $(if $(FIX),--fix) $(if $(REJECTED),--rejected) $(if $(EVERYTHING),--everything) $(if $(PREFIX),--prefix "$$PREFIX") $(if $(OTHER),--other)

redrive: .venv/demo ## move the dead-letter queue back to the uploads queue
	@$(BIN)/python -m deploy.redrive --name "$(STACK)"

fuzz: .venv/test build/bundles/offline/model.json ## decode 100,000 damaged and hostile images, and a hundred slow queries; some minutes
	@$(BIN)/python -m tests.fuzz.images
	@$(BIN)/python -m tests.fuzz.relatives

faults: .venv/test ## cause eighteen faults during a thousand changes each, on the emulated stack; half an hour
	@$(BIN)/python -m tests.faults

load: .venv/demo build/bundles/offline/model.json ## upload 10,000 images at once, search 50 times a second for five minutes, then flood
	@$(BIN)/python -m bench.load

# Locked versions are kept while they satisfy pyproject.toml.
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-header $(if $(UPGRADE),--upgrade) pyproject.toml
lock: .venv/bin/python ## lock what pyproject.toml requires; UPGRADE=1 takes the newest versions
	@$(PIP_INSTALL) uv
	@$(COMPILE) --universal --python-version 3.11 --extra demo --output-file requirements.txt
	@$(COMPILE) --universal --python-version 3.11 --extra test --constraint requirements.txt --output-file requirements-test.txt
	@$(COMPILE) --python-version 3.13 --python-platform aarch64-manylinux_2_28 --constraint requirements.txt --override layers/dependencies/unused.txt --output-file layers/dependencies/requirements.txt

clean: ## delete the demo's images, index and model
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

# torch has different builds for different machines, and so no single checksum.
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

# An install script of onnxruntime would download CUDA libraries; the CPU library is in the package.
bench/node_modules: bench/package-lock.json
	@echo "installing transformers.js; needs npm"
	@npm ci --prefix bench --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: help demo smoke test package check model verify bench deploy switch destroy doctor redrive fuzz faults load lock clean
