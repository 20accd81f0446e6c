#!/usr/bin/env bash
# Builds ConvLens where needed and opens its window; arguments are passed on (a picture, a session, a subcommand).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_missing_packages
configure release
build release convlens
exec "$root/build/release/app/convlens" "$@"
