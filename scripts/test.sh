#!/usr/bin/env bash
# Builds and runs every test. Arguments are presets (release, dev, asan, tsan, scalar); none means release.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_missing_packages
for preset in "${@:-release}"; do
  configure "$preset"
  build "$preset"
  (cd "$root" && ctest --preset "$preset") || die "tests of the preset '$preset' failed"
done
