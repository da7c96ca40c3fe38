# Everything is in scripts/; this file gives it short names. Arguments: make test ARGS="-k lunar"
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help run test check bench soak setup lock documents screenshots clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: ## set up what is missing, then start the whole system with a demonstration
	@exec scripts/run $(ARGS)

test: ## every test
	@exec scripts/test $(ARGS)

check: ## lint, types, import rules, locks, generated documents
	@exec scripts/check $(ARGS)

bench: ## measure; writes bench-results.json
	@exec scripts/bench $(ARGS)

soak: ## long runs: faults, power cuts, fuzzing
	@exec scripts/bench --soak $(ARGS)

setup: ## the environment of developers, without running anything
	@exec scripts/setup dev

lock: ## write the lock files anew
	@exec scripts/lock $(ARGS)

documents: ## make the documents that come from the code
	@.venv/bin/python scripts/documents.py

screenshots: ## pictures of every screen into .screenshots/ (and docs/images/home.png)
	@exec scripts/screenshots $(ARGS)

clean: ## remove what was built; var/, the data, stays
	@exec scripts/clean
