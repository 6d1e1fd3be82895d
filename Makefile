# SPDX-License-Identifier: Apache-2.0
# Everything here can be done by hand; the lines below say how.

export GOTOOLCHAIN := local
GOFLAGS_BUILD := -trimpath -ldflags "-s -w"
# FUZZTIME: how long each fuzz test runs. KILLS: how often torture kills the server.
FUZZTIME ?= 20s
KILLS ?= 200

.DEFAULT_GOAL := help
.PHONY: help build demo test check bench bench-import bench-figures bench-exports bench-link bench-link-pure bench-network golden generate fuzz torture race clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/fera, one static file
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/fera ./cmd/fera

demo: ## start a simulated district to look around in (needs Go alone)
	@CGO_ENABLED=0 go run ./cmd/fera demo $(ARGS)

test: ## check everything: both engines, the browser, all packages; installs what is missing
	@bash scripts/test full $(ARGS)

check: ## check quickly: SQLite only, no browser
	@bash scripts/test quick $(ARGS)

bench: build ## measure speed and memory against the ceilings of this machine
	@go run ./internal/bench $(ARGS)

bench-import: ## measure how a list of 100,000 people is brought in (SQLite)
	@go run ./internal/bench -import 100000 $(ARGS)

bench-link-pure: ## measure the matcher by itself, at a million simulated persons (ARGS="-persons 10000000")
	@CGO_ENABLED=0 go run ./internal/bench/link $(ARGS)

bench-link: ## measure matching: typing, registering with a check, the whole register
	@go run ./internal/bench -link $(ARGS)

bench-network: ## measure the lists of two million referrals, 100,000 messages, 300,000 cases (ARGS="-postgres URL -dir DIR")
	@go run ./internal/bench -referrals 2000000 -messages 100000 -cases 300000 $(ARGS)

bench-exports: ## measure how a million people are taken away as files (SQLite)
	@CGO_ENABLED=0 go run ./internal/bench -exports 1000000 $(ARGS)

bench-figures: ## measure figures of ten million simulated people, fifty million events (ARGS="-people 200000")
	@CGO_ENABLED=0 go run ./internal/bench/figures $(ARGS)

golden: ## write the golden files anew; read the difference before you commit it
	UPDATE_GOLDEN=1 go test -count=1 ./...

generate: ## write the Go code of the pages anew
	go tool templ generate

fuzz: ## run each fuzz test for FUZZTIME
	@bash scripts/fuzz $(FUZZTIME)

torture: ## kill the server KILLS times under load, on both engines
	@TORTURE_KILLS=$(KILLS) bash scripts/test full -run Torture -count=1 -v -timeout=60m ./...

race: ## check everything with the race detector (needs a C compiler)
	@CGO_ENABLED=1 bash scripts/test full -race $(ARGS)

clean: ## remove what was built
	rm -rf bin internal/testtools/node_modules
