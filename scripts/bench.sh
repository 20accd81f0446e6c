#!/usr/bin/env bash
# Builds and measures: the window during a drag, training with and without a window, an idle window, and the convolution
# kernels. Use an otherwise idle machine. Arguments go to the kernel benchmark (such as --benchmark_filter=B-).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_missing_packages
configure release
build release convlens convlens_bench
program=$root/build/release/app/convlens

say "dragging one weight: 1920x1080 RGB, 8 filters of 3x3x3, two threads, software OpenGL"
for round in 1 2 3; do
  LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1280x800x24" \
    "$program" --fresh --size 1280x800 --threads 2 --bench drag --frames 300
done
say "training with the workspace open and alone, in turn: two threads, software OpenGL"
LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1280x800x24" \
  "$program" --fresh --size 1280x800 --threads 2 --bench train --frames 3
say "leaving the window alone"
CONVLENS=$program python3 "$root/tests/bench/idle.py"
say "the convolution kernels"
"$root/build/release/tests/bench/convlens_bench" "$@"
