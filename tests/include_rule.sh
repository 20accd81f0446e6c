#!/bin/bash
# Reads every #include of the program and fails where one points against the architecture's rule:
#   app/ui -> app/view -> app/model -> engine; app/gl stands beside app/view; engine: core <- conv <- the others.
# usage: include_rule.sh REPOSITORY
set -u
cd "${1:?usage: include_rule.sh REPOSITORY}" || exit 2
failures=0

# forbid FOLDER PATTERN REASON: no file under FOLDER may include a path that matches PATTERN.
forbid() {
  local folder=$1 pattern=$2 reason=$3 hits
  if ! find "$folder" \( -name '*.h' -o -name '*.cpp' \) 2>/dev/null | grep -q .; then
    echo "include_rule: there is no source under $folder, so its rule checks nothing"
    failures=$((failures + 1))
    return
  fi
  hits=$(grep -rnE --include='*.h' --include='*.cpp' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$folder")
  if [ -n "$hits" ]; then
    printf '%s\n  rule: %s\n' "$hits" "$reason"
    failures=$((failures + 1))
  fi
}

screen='glad/|GL/|GLFW/|imgui|backends/imgui'
forbid engine "app/|tests/|$screen" "the engine knows no application, no window and no OpenGL"
forbid engine 'iostream|print>' "the engine does not print"
forbid engine/core 'engine/(conv|experiments|filters|explain|pictures|io|nn|training)/' "core stands on nothing"
forbid engine/conv 'engine/(experiments|filters|explain|pictures|io|nn|training)/' "conv stands on core alone"
forbid engine/experiments 'engine/(explain|filters|pictures|io|nn|training)/' "experiments stand on conv and core"
forbid engine/filters 'engine/(explain|pictures|io|nn|training)/' "filters stand on conv and core"
forbid engine/nn 'engine/(experiments|explain|training|pictures|io)/' "nn stands on filters, conv and core"
forbid engine/pictures 'engine/(conv|filters|explain|io|nn|training)/' "pictures stand on core alone"
forbid engine/io 'engine/(conv|filters|explain|pictures|nn|training)/' "io stands on core alone"
forbid engine/explain 'engine/(experiments|training|pictures|io)/' "explain stands on nn, filters, conv and core"
forbid engine/training 'engine/(experiments|explain|filters)/' "training stands on nn, conv, pictures, io and core"
forbid app/model "app/(gl|view|ui|cli)/|$screen" "the model knows no screen"
forbid app/gl 'app/(model|view|ui|cli)/|imgui|engine/(filters|pictures|io)/' "gl owns OpenGL objects and nothing else"
forbid app/view 'app/(ui|cli)/|imgui' "view does not know the panels"
forbid app/cli "app/(gl|view|ui)/|$screen" "the command line needs no screen"

# The rule is tested on a file that breaks it, so that a pattern that matches nothing is noticed.
probe=$(mktemp -d)
mkdir -p "$probe/engine"
printf '#include "app/model/document.h"\n' >"$probe/engine/wrong.cpp"
(cd "$probe" && failures=0 && forbid engine 'app/' "probe" >/dev/null && [ "$failures" = 1 ]) || {
  echo "include_rule: the check itself does not notice a forbidden include"
  failures=$((failures + 1))
}
rm -rf "$probe"

[ "$failures" = 0 ]
