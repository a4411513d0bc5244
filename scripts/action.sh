#!/usr/bin/env bash
# The one step of action.yml: build nixbuild-checks from the action's own checkout and run it in the workspace.
# INPUT_CONFIG, INPUT_JOB and INPUT_DRY_RUN are the action's inputs. All else in the environment (tokens, summary file) is
# for the program, as it is.
set -euo pipefail

fail() {
  printf '::error title=nixbuild-checks::%s\n' "$1"
  exit "$2"
}

source_dir=${GITHUB_ACTION_PATH:?is set by the GitHub Actions runner}
bin=${RUNNER_TEMP:?is set by the GitHub Actions runner}/nixbuild-checks/nixbuild-checks

args=(-c "$INPUT_CONFIG")
if [ -n "${INPUT_JOB-}" ]; then args+=(--job "$INPUT_JOB"); fi
case ${INPUT_DRY_RUN-} in
  true) args+=(--dry-run) ;;
  false | '') ;;
  *) fail 'the input dry_run must be true or false' 2 ;;
esac

command -v go >/dev/null || fail 'Go is missing on this runner: run actions/setup-go before this action' 3

# The workspace's Go settings (workspace file, flags) are not ours; with a build cache, a second step costs a second.
GOWORK=off GOFLAGS='' CGO_ENABLED=0 go build -C "$source_dir" -buildvcs=false -trimpath -o "$bin" ./cmd/nixbuild-checks ||
  fail 'nixbuild-checks could not be built; the log above has what Go says' 3

exec "$bin" run "${args[@]}"
