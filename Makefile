# Works from any folder (make -C DIR), as root or not, and sets up what it needs: see scripts/ensure.

SHELL := /bin/bash
ROOT := $(CURDIR)
TOOLS := $(ROOT)/.cache/bin
BIN := $(ROOT)/bin/nixbuild-checks
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Tools are named by version, so that a new version here is a new file there.
GOLANGCI_LINT := $(TOOLS)/golangci-lint@v2.15.0/golangci-lint
ACTIONLINT := $(TOOLS)/actionlint@v1.7.12/actionlint
ACT := $(TOOLS)/act@v0.2.89/act

# Go would ask git for the commit, and git refuses in a checkout that somebody else owns, as in containers.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

# The end-to-end tests run with the machine's Nix and with that of these suites of Debian, unpacked side by side.
NIX_SUITES ?= $(shell . /etc/os-release 2>/dev/null && test "$$ID" = debian && echo trixie sid)
NIX_DIRS := $(NIX_SUITES:%=$(ROOT)/.cache/nix/%)
empty :=
export NIXBUILD_CHECKS_NIX_DIRS := $(subst $(empty) $(empty),:,$(strip $(NIX_DIRS:%=%/bin)))

SHELL_SCRIPTS := $(wildcard scripts/*) .ci/run

.DEFAULT_GOAL := help
.PHONY: help build demo test test-action lint lint-go lint-shell suites clean FORCE

help: ## List the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

build: $(BIN) ## Build bin/nixbuild-checks

$(BIN): FORCE
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o $@ ./cmd/nixbuild-checks

demo: build ## Build and run the quickstart example on this machine, no account needed
	@scripts/ensure-nix
	$(BIN) run --local -c examples/quickstart/.nixbuild-checks.yaml

test: suites ## Run every test, with real Nix in each version
	@scripts/ensure-nix
	@scripts/ensure gcc https://gcc.gnu.org gcc libc6-dev
	@scripts/ensure ssh https://www.openssh.com openssh-client
	CGO_ENABLED=1 go test -race -timeout 30m ./...

test-action: $(ACT) ## Run action.yml with nektos/act, no GitHub needed
	@scripts/ensure-nix
	scripts/test-action $(ACT)

suites: $(NIX_DIRS)

$(NIX_DIRS): FORCE
	@scripts/nix-suite $(@F) $@ >/dev/null

lint: lint-go lint-shell ## Check formatting, Go, shell scripts and workflows

lint-go: $(GOLANGCI_LINT)
	@unformatted=$$(gofmt -l cmd internal schema) && test -z "$$unformatted" || { echo "gofmt would change:" $$unformatted; exit 1; }
	go vet ./...
	$(GOLANGCI_LINT) run

lint-shell: $(ACTIONLINT)
	@scripts/ensure shellcheck https://www.shellcheck.net shellcheck
	shellcheck $(SHELL_SCRIPTS)
	$(ACTIONLINT) -shellcheck shellcheck -pyflakes= .github/workflows/*.yml

$(GOLANGCI_LINT):
	GOBIN=$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

$(ACTIONLINT):
	GOBIN=$(@D) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

$(ACT):
	GOBIN=$(@D) go install github.com/nektos/act@v0.2.89

clean: ## Remove what make made: bin/ and .cache/
	rm -rf bin .cache
