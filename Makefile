# Anodyne: battery safety from cell physics to the fleet.
# Every command a person needs. `make run` and `make test` install what they need themselves.

SWIFT ?= swift
ARGS ?= serve --demo

.PHONY: help run test setup build bench firmware torture fuzz sanitize screenshots docs format clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: ## Install what is missing, build, and start the live demo (ARGS="analyze FILE" runs that instead)
	@Scripts/setup.sh run
	@echo "build: anodyne (release); the first build takes some minutes"
	@$(SWIFT) build -c release --product anodyne
	@exec .build/release/anodyne $(ARGS)

test: ## Install what is missing and run every check
	@Scripts/setup.sh test
	@Scripts/test.sh

setup: ## Only install what is missing
	@Scripts/setup.sh test

build: ## Build the release program at .build/release/anodyne
	@$(SWIFT) build -c release --product anodyne

bench: ## Measure speed beside accuracy: cell models against PyBaMM, reading against pandas, analysis, quantities
	@Scripts/setup.sh run
	@Scripts/bench.sh

firmware: ## Build the onboard core for a Cortex-M7 and WebAssembly, run both, compare every decision
	@Scripts/setup.sh test
	@Scripts/firmware.sh

torture: ## Kill a writing store and a gateway with a fleet, cut their power; nothing acknowledged may be lost
	@Scripts/setup.sh test
	@Scripts/torture.sh

fuzz: ## Fuzz every parser of outside bytes for a processor minute each (ARGS="600 mqtt" for longer, or one)
	@Scripts/fuzz.sh $(if $(filter-out serve --demo,$(ARGS)),$(ARGS),60)

sanitize: ## Run codec, gateway and store tests under the address and the thread sanitizer
	@Scripts/setup.sh test
	@Scripts/sanitize.sh

screenshots: ## Make the pictures of the README from real data
	@Scripts/setup.sh test
	@$(SWIFT) build -c release --product anodyne
	@Scripts/screenshots.sh

docs: ## Convert the DocC catalogues into .build/docs
	@$(SWIFT) build
	@Scripts/check-docs.sh .build/docs

format: ## Format all sources in place
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

clean: ## Remove build products (keeps .tools)
	@rm -rf .build Benchmarks/.build
