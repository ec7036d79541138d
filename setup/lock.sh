#!/usr/bin/env bash
# Write both locks again: for every platform, with hashes, without the address of any index.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header "$@"
}
compile pyproject.toml setup/build.in --output-file requirements.lock
compile pyproject.toml setup/build.in --extra test --constraints requirements.lock --output-file requirements-test.lock
