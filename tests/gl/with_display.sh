#!/bin/sh
# Runs a command with a display: the one there is, or a virtual one of its own.
if [ -n "$DISPLAY" ]; then exec "$@"; fi
exec xvfb-run -a -s "-screen 0 1280x800x24" "$@"
