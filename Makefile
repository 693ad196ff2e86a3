# The commands of this project. README.md explains the first two; CI runs `lint` and `test` themselves.

# Tools that are no part of a Rust toolchain go here, not into the system. CI keeps the directory between runs.
TOOLS ?= target/tools
CARGO_DENY_VERSION := 0.20.2
CFN_LINT_VERSION := 1.58.0
CHECKOV_VERSION := 3.3.30
JQUERY_VERSION := 3.7.1
SAM_VERSION := 1.170.0
CARGO_LAMBDA_VERSION := 1.9.2
ZIG_VERSION := 0.17.0
MOTO_VERSION := 5.2.5
FAKETIME_VERSION := 3.0.1
SCHEMATHESIS_VERSION := 4.32.5

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
JQUERY := $(TOOLS)/node_modules/jquery/dist/jquery.min.js

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

test-api: $(TOOLS)/schemathesis/bin/schemathesis ## Holds the API to its OpenAPI document, by requests that schemathesis makes up
	@# With the features that the tests are built with, so that nothing is built twice.
	cargo test --workspace --no-run --test api
	$(TOOLS)/schemathesis/bin/python tests/schemathesis/run.py $${CARGO_TARGET_DIR:-target}/debug/stack

test-page: $(JQUERY) ## Clicks through pages in headless Chromium (wants Debian's chromium, chromium-driver and npm)
	JQUERY=$(abspath $(JQUERY)) cargo test --workspace --features tests/browser --test page

build: $(TOOLS)/sam/.installed ## Builds the six functions for deployment, ARCHITECTURE=x86_64 or arm64
	PATH="$(abspath $(TOOLS))/sam/bin:$$PATH" infra/build $(ARCHITECTURE) $(MOST_ZIPPED)

test-lambda: build $(TOOLS)/moto/.installed ## Runs the black-box tests over the built binaries, on the embedded services and on moto
	infra/test-lambda $(TOOLS)/sam $(TOOLS)/moto

# SAM deploys for the processor that samconfig.toml names, whatever was built.
ANOTHER_ARCHITECTURE := $(if $(wildcard samconfig.toml),$(filter-out $(DEPLOYED_ARCHITECTURE),$(ARCHITECTURE)))

.PHONY: another-architecture
another-architecture:
	@echo 'samconfig.toml must have Architecture=$(ARCHITECTURE) in parameter_overrides, to deploy what is built.' >&2; exit 1

deploy: $(if $(ANOTHER_ARCHITECTURE),another-architecture) build ## Deploys what it builds; the first time it asks where to, and writes samconfig.toml
	SAM_CLI_TELEMETRY=0 $(SAM) deploy --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
		$(if $(wildcard samconfig.toml),,--guided --parameter-overrides Architecture=$(ARCHITECTURE))

logs: $(TOOLS)/sam/.installed ## Shows a deployment's logs as they come, STACK=helpaged, and of one function, FUNCTION=NoticeFunction
	SAM_CLI_TELEMETRY=0 $(SAM) logs --stack-name $(STACK) $(if $(FUNCTION),--name $(FUNCTION)) --tail

smoke: ## Walks the whole journey through a running stack, URL=https://… PHONE=139…
	python3 infra/smoke/smoke.py $(or $(URL),$(error URL must say where the stack is))

restore: $(TOOLS)/sam/.installed ## Copies what is missing back from a restored table, FROM=… TO=…; LIST=1 only lists it
	$(TOOLS)/sam/bin/python infra/restore/copy_items.py $(or $(FROM),$(error FROM must name the restored table)) \
		$(or $(TO),$(error TO must name the table that the functions use))

TEMPLATES := template.yaml infra/roles.yaml infra/alarms.yaml infra/monitoring.yaml
LINTERS := $(addprefix $(TOOLS)/bin/,cargo-deny cfn-lint checkov) $(TOOLS)/sam/.installed

lint: $(LINTERS) ## Checks format, clippy (pedantic), licences and bans, the templates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	$(TOOLS)/bin/cargo-deny --log-level error check licenses bans sources
	$(TOOLS)/bin/cfn-lint $(TEMPLATES)
	SAM_CLI_TELEMETRY=0 $(TOOLS)/sam/bin/sam validate --lint --template template.yaml --region eu-central-1
	$(TOOLS)/bin/checkov --config-file infra/checkov.yaml

fmt: ## Formats the code
	cargo fmt --all

bench: build $(BENCH_PYTHON)/installed ## Measures starts, sizes, memory, captchas and throughput into docs/BENCHMARKS.md
	@# hello is built and linked as the functions are.
	PATH="$(abspath $(TOOLS))/sam/bin:$$PATH" cargo lambda build --release --package hello
	cargo bench --package captcha-image --bench captcha > $(TARGET)/captchas.txt
	cat $(TARGET)/captchas.txt
	cargo run --release --package bench -- .aws-sam/build $(TARGET)/lambda/hello/bootstrap $(BENCH_PYTHON)/bin/python \
		$(TOOLS)/sam/bin/cargo-lambda $(TARGET)/captchas.txt docs $(MOST_ZIPPED) > $(TARGET)/bench.log

# Tools depend on this file, which names their versions. What is there already in the right one is not fetched again.
$(TOOLS)/bin/cargo-deny: Makefile
	cargo install --quiet cargo-deny --version $(CARGO_DENY_VERSION) --locked --root $(TOOLS)
	touch $@

# Each has an environment of its own, because they disagree about their dependencies.
$(TOOLS)/bin/cfn-lint: PACKAGE = cfn-lint==$(CFN_LINT_VERSION)
$(TOOLS)/bin/checkov: PACKAGE = checkov==$(CHECKOV_VERSION)
$(TOOLS)/bin/cfn-lint $(TOOLS)/bin/checkov: Makefile
	python3 -m venv $(TOOLS)/python/$(@F)
	$(TOOLS)/python/$(@F)/bin/pip install --quiet --disable-pip-version-check $(PACKAGE)
	mkdir -p $(TOOLS)/bin
	ln -sf ../python/$(@F)/bin/$(@F) $@
	touch $@

# SAM with what its build needs, and cargo-lambda is the emulator of the tests as well.
$(TOOLS)/sam/.installed: Makefile
	python3 -m venv $(TOOLS)/sam
	$(TOOLS)/sam/bin/pip install --quiet --disable-pip-version-check \
		aws-sam-cli==$(SAM_VERSION) cargo-lambda==$(CARGO_LAMBDA_VERSION) ziglang==$(ZIG_VERSION)
	touch $@

$(TOOLS)/moto/.installed: Makefile
	python3 -m venv $(TOOLS)/moto
	$(TOOLS)/moto/bin/pip install --quiet --disable-pip-version-check \
		'moto[server]==$(MOTO_VERSION)' libfaketime==$(FAKETIME_VERSION)
	touch $@

# A virtual environment of its own: what cfn-lint wants of its libraries is another matter.
$(TOOLS)/schemathesis/bin/schemathesis: Makefile
	python3 -m venv $(TOOLS)/schemathesis
	$(TOOLS)/schemathesis/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION)
	touch $@

$(JQUERY):
	npm install --prefix $(TOOLS) --no-save --no-package-lock --no-audit --no-fund --loglevel=error jquery@$(JQUERY_VERSION)

$(BENCH_PYTHON)/installed: infra/bench/python/requirements.txt
	python3 -m venv $(BENCH_PYTHON)
	$(BENCH_PYTHON)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
