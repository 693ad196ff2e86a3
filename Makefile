# The commands of this project. README.md explains the first two; CI runs `lint` and `test` themselves.

# Tools that are no part of a Rust toolchain go here, not into the system. CI keeps the directory between runs.
TOOLS ?= target/tools
CARGO_DENY_VERSION := 0.20.2
CFN_LINT_VERSION := 1.58.0
JQUERY_VERSION := 3.7.1
SCHEMATHESIS_VERSION := 4.32.5

JQUERY := $(TOOLS)/node_modules/jquery/dist/jquery.min.js

# cargo-nextest runs tests faster; without it, cargo's own runner runs the same tests.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

.PHONY: dev test test-api test-page lint fmt bench help

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

test-api: $(TOOLS)/schemathesis/bin/schemathesis ## Holds the API to its OpenAPI document, by what schemathesis thinks of
	@# With the features that the tests are built with, so that nothing is built twice.
	cargo test --workspace --no-run --test api
	$(TOOLS)/schemathesis/bin/python tests/schemathesis/run.py $${CARGO_TARGET_DIR:-target}/debug/stack

test-page: $(JQUERY) ## Clicks through pages in headless Chromium (wants Debian's chromium, chromium-driver and npm)
	JQUERY=$(abspath $(JQUERY)) cargo test --workspace --features tests/browser --test page

lint: $(TOOLS)/bin/cargo-deny $(TOOLS)/bin/cfn-lint ## Checks format, clippy (pedantic), licences and bans, the template
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	$(TOOLS)/bin/cargo-deny --log-level error check licenses bans sources
	$(TOOLS)/bin/cfn-lint template.yaml

fmt: ## Formats the code
	cargo fmt --all

bench: ## Measures the captchas beside those of the captcha crate
	cargo bench --package captcha-image --bench captcha

$(TOOLS)/bin/cargo-deny:
	cargo install cargo-deny --version $(CARGO_DENY_VERSION) --locked --root $(TOOLS)

$(TOOLS)/bin/cfn-lint:
	python3 -m venv $(TOOLS)/python
	$(TOOLS)/python/bin/pip install --quiet --disable-pip-version-check cfn-lint==$(CFN_LINT_VERSION)
	mkdir -p $(TOOLS)/bin
	ln -sf ../python/bin/cfn-lint $@

# A virtual environment of its own: what cfn-lint wants of its libraries is another matter.
$(TOOLS)/schemathesis/bin/schemathesis:
	python3 -m venv $(TOOLS)/schemathesis
	$(TOOLS)/schemathesis/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION)

$(JQUERY):
	npm install --prefix $(TOOLS) --no-save --no-package-lock --no-audit --no-fund --loglevel=error jquery@$(JQUERY_VERSION)
