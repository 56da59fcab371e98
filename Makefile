# What a person needs is `make up` and `make test`; each target brings what it needs by itself.
# Everything that is made goes into target/ and .orderflow/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

FUNCTIONS := catalog submit-order payment-webhook payments orders pick fulfil ship print \
             carrier-webhook exceptions settle after-sale notify tick dispatch
LISTEN ?= 127.0.0.1:3000
STATE ?= .orderflow
HOST := target/release/host
CARGO := cargo

.PHONY: help up demo token test simulate mutations crash bench components empty host tools setup lint clean

help: ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup:
	@.make/wasm-target

components: setup
	@$(CARGO) build --profile component --target wasm32-wasip2 $(addprefix -p ,$(FUNCTIONS))

# What the runtime can do at most is measured with it.
empty: components
	@$(CARGO) build --profile component --target wasm32-wasip2 -p empty

# Host and tools are chosen from the whole workspace: alone, cargo would build the runtime again for
# each of them, with other features of its dependencies.
host: setup
	@$(CARGO) build --release --workspace --exclude empty --bin host

tools: setup
	@$(CARGO) build --release --workspace --exclude empty --bin bench --bin crash --bin demo

up: components host ## Run it on http://127.0.0.1:3000 (LISTEN=…, STATE=…); with `spin` if that is here
	@$(HOST) keys --state $(STATE)
	@if .make/spin-is-here; then \
	  STATE=$(STATE) LISTEN=$(LISTEN) HOST=$(HOST) .make/up-with-spin; \
	else \
	  exec $(HOST) serve --listen $(LISTEN) --state $(STATE); \
	fi

demo: tools ## Drive a purchase of two merchants through the running system, and show it
	@target/release/demo --url http://$(LISTEN) --state $(STATE)

token: host ## A token for a caller: make token ROLE=buyer [SUB=…] [MERCHANT=…] [WAREHOUSE=…]
	@: $${ROLE:?is needed, like: make token ROLE=buyer SUB=alice}
	@$(HOST) keys --state $(STATE) >/dev/null
	@$(HOST) token --state $(STATE) --role $(ROLE) $(if $(SUB),--sub $(SUB)) \
	  $(if $(MERCHANT),--merchant $(MERCHANT)) $(if $(WAREHOUSE),--warehouse $(WAREHOUSE))

test: components ## All tests, natively and on the components
	@.make/test

simulate: ## Live many lives of a shop by chance: N=500, or one again: SEED=… [STEPS=…]
	@SEED=$(SEED) STEPS=$(STEPS) N=$(N) FROM=$(FROM) $(CARGO) test --release --quiet \
	  --workspace --exclude empty --test simulation -- --ignored --exact simulate

mutations: ## Break each guard in a copy of the tree, and see that the simulation finds it (ONLY=…)
	@ONLY='$(ONLY)' N=$(N) .make/mutations

crash: components host tools ## Kill it under load, twenty times (ROUNDS=…), and count
	@target/release/crash --rounds $${ROUNDS:-20}

bench: components empty host tools ## How fast, beside what is possible on this machine
	@target/release/bench $(ARGS)

lint: setup ## Format and clippy, as the check does
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --release --workspace --all-targets --quiet -- -D warnings
	@$(CARGO) clippy --profile component --target wasm32-wasip2 --quiet \
	  $(addprefix -p ,$(FUNCTIONS) empty) -- -D warnings

clean: ## Remove what was built; the shop's data stays
	@$(CARGO) clean
