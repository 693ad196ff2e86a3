# The commands of this project. README.md explains the first two; CI runs `lint` and `test` themselves.

# Tools that are no part of a Rust toolchain go here, not into the system. CI keeps the directory between runs.
TOOLS ?= target/tools
CARGO_DENY_VERSION := 0.20.2
JQUERY_VERSION := 3.7.1
CARGO_DENY := $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny
JQUERY := $(TOOLS)/jquery-$(JQUERY_VERSION)/node_modules/jquery/dist/jquery.min.js

# Python's are in infra/tools, with the versions of all that they want. What says that one is installed has the sum of its file
# and of Python's version in its name: what is there already in the right versions is not fetched again.
PYTHON_TOOLS := cfn-lint checkov moto sam schemathesis
PYTHON_VERSION := $(shell python3 --version 2>&1)
installed = $(TOOLS)/$(1)/installed-$(firstword $(shell echo '$(PYTHON_VERSION)' | cat - infra/tools/$(1).txt | cksum))

# What `build` builds for: what was deployed before, or x86_64. arm64 wants its Rust target installed.
DEPLOYED_ARCHITECTURE := $(shell sed -n 's/.*Architecture=[\\"]*\([a-z0-9_]*\).*/\1/p' samconfig.toml 2>/dev/null | head -1)
ARCHITECTURE ?= $(or $(DEPLOYED_ARCHITECTURE),x86_64)

# How many bytes a function may have when it is zipped.
MOST_ZIPPED := 2500000

SAM := PATH="$(abspath $(TOOLS))/sam/bin:$$PATH" sam

# The stack that samconfig.toml names.
STACK ?= $(or $(shell sed -n 's/^stack_name *= *"\(.*\)"/\1/p' samconfig.toml 2>/dev/null | head -1),helpaged)

TARGET := $(or $(CARGO_TARGET_DIR),target)

BENCH_PYTHON := $(TOOLS)/bench

# cargo-nextest runs tests faster; without it, cargo's own runner runs the same tests.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

.PHONY: dev test test-api test-page build test-lambda deploy logs smoke restore lint fmt bench help

help: ## Lists these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | column -t -s "$$(printf '\t')"

dev: ## Builds and serves everything on http://127.0.0.1:8080
	cargo run --package local

test: ## Runs all tests, hermetic and parallel
ifeq ($(NEXTEST),yes)
	cargo nextest run --workspace
else
	cargo test --workspace --quiet
endif

test-api: $(call installed,schemathesis) ## Holds the API to its OpenAPI document, by requests that schemathesis makes up
	@# With the features that the tests are built with, so that nothing is built twice.
	cargo test --workspace --no-run --test api
	$(TOOLS)/schemathesis/bin/python tests/schemathesis/run.py $${CARGO_TARGET_DIR:-target}/debug/stack

test-page: $(JQUERY) ## Clicks through pages in headless Chromium (wants Debian's chromium, chromium-driver and npm)
	JQUERY=$(abspath $(JQUERY)) cargo test --workspace --features tests/browser --test page

build: $(call installed,sam) ## Builds the six functions for deployment, ARCHITECTURE=x86_64 or arm64
	PATH="$(abspath $(TOOLS))/sam/bin:$$PATH" infra/build $(ARCHITECTURE) $(MOST_ZIPPED)

test-lambda: build $(call installed,moto) ## Runs the black-box tests over the built binaries, on the embedded services and on moto
	infra/test-lambda $(TOOLS)/sam $(TOOLS)/moto

# SAM deploys for the processor that samconfig.toml names, whatever was built.
ANOTHER_ARCHITECTURE := $(if $(wildcard samconfig.toml),$(filter-out $(DEPLOYED_ARCHITECTURE),$(ARCHITECTURE)))

.PHONY: another-architecture
another-architecture:
	@echo 'samconfig.toml must have Architecture=$(ARCHITECTURE) in parameter_overrides, to deploy what is built.' >&2; exit 1

deploy: $(if $(ANOTHER_ARCHITECTURE),another-architecture) build ## Deploys what it builds; the first time it asks where to, and writes samconfig.toml
	SAM_CLI_TELEMETRY=0 $(SAM) deploy --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
		$(if $(wildcard samconfig.toml),,--guided --parameter-overrides Architecture=$(ARCHITECTURE))

LOGS := $(addprefix /aws/lambda/$(STACK)/,$(or $(FUNCTION),admin captcha device notice token user))

logs: $(call installed,sam) ## Shows a deployment's logs as they come, STACK=helpaged, and of one function, FUNCTION=notice
	@# By their names: left to itself, SAM asks for a stage that the WebSocket API does not have, and ends.
	SAM_CLI_TELEMETRY=0 $(SAM) logs $(addprefix --cw-log-group=,$(LOGS)) --tail

smoke: ## Walks the whole journey through a running stack, URL=https://… PHONE=139…
	python3 infra/smoke/smoke.py $(or $(URL),$(error URL must say where the stack is))

restore: $(call installed,sam) ## Copies what is missing back from a restored table, FROM=… TO=…; LIST=1 only lists it
	$(TOOLS)/sam/bin/python infra/restore/copy_items.py $(or $(FROM),$(error FROM must name the restored table)) \
		$(or $(TO),$(error TO must name the table that the functions use))

TEMPLATES := template.yaml infra/roles.yaml infra/alarms.yaml infra/monitoring.yaml
LINTERS := $(CARGO_DENY) $(call installed,cfn-lint) $(call installed,checkov) $(call installed,sam)

lint: $(LINTERS) ## Checks format, clippy (pedantic), licences and bans, the templates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	$(CARGO_DENY) --log-level error check licenses bans sources
	$(TOOLS)/cfn-lint/bin/cfn-lint $(TEMPLATES)
	SAM_CLI_TELEMETRY=0 $(TOOLS)/sam/bin/sam validate --lint --template template.yaml --region eu-central-1
	$(TOOLS)/checkov/bin/checkov --config-file infra/checkov.yaml

fmt: ## Formats the code
	cargo fmt --all

bench: build $(BENCH_PYTHON)/installed ## Measures starts, sizes, memory, captchas and throughput into docs/BENCHMARKS.md
	@# hello is built and linked as the functions are.
	PATH="$(abspath $(TOOLS))/sam/bin:$$PATH" cargo lambda build --release --package hello
	cargo bench --package captcha-image --bench captcha > $(TARGET)/captchas.txt
	cat $(TARGET)/captchas.txt
	cargo run --release --package bench -- .aws-sam/build $(TARGET)/lambda/hello/bootstrap $(BENCH_PYTHON)/bin/python \
		$(TOOLS)/sam/bin/cargo-lambda $(TARGET)/captchas.txt docs $(MOST_ZIPPED) > $(TARGET)/bench.log

$(CARGO_DENY):
	cargo install --quiet cargo-deny --version $(CARGO_DENY_VERSION) --locked --root $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION)

$(JQUERY):
	npm install --prefix $(TOOLS)/jquery-$(JQUERY_VERSION) --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
		jquery@$(JQUERY_VERSION)

# Each has an environment of its own, because they disagree about their dependencies.
$(foreach tool,$(PYTHON_TOOLS),$(call installed,$(tool))):
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement infra/tools/$(notdir $(@D)).txt
	touch $@

$(BENCH_PYTHON)/installed: infra/bench/python/requirements.txt
	python3 -m venv $(BENCH_PYTHON)
	$(BENCH_PYTHON)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
