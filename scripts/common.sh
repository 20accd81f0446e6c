# What run.sh and test.sh share: installing missing packages, configuring and building. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf 'convlens: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Debian and Ubuntu package names: to build, then to test.
packages=(
  g++ cmake ninja-build pkg-config
  libimgui-dev libglfw3-dev libgl-dev libegl-dev python3-glad libfreetype-dev
  libstb-dev libgif-dev libeigen3-dev libhwy-dev libtbb-dev libcli11-dev nlohmann-json3-dev
  zlib1g-dev libzip-dev libcurl4-openssl-dev libmd-dev
  fonts-roboto-unhinted fonts-dejavu-core libgl1-mesa-dri
  doctest-dev librapidcheck-dev libbenchmark-dev python3 xvfb xauth xdotool xclip
)

install_missing_packages() {
  local missing=() name
  command -v apt-get >/dev/null || {
    command -v cmake >/dev/null || die "this system has no apt-get; install the equivalents of: ${packages[*]}"
    return 0
  }
  for name in "${packages[@]}"; do
    [ -e "/var/lib/dpkg/info/$name.list" ] || compgen -G "/var/lib/dpkg/info/$name:*.list" >/dev/null || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "these packages are missing and need root to install: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} missing packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed; check the network and the package sources"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null || die "installing the packages failed; run: apt-get install ${missing[*]}"
}

# configure PRESET: only where the build folder is new; later changes to CMake files are noticed by the build itself.
configure() {
  [ -f "$root/build/$1/build.ninja" ] && return 0
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  (cd "$root" && cmake --preset "$1" "${launcher[@]}" >"$root/build-$1.log" 2>&1) || {
    cat "$root/build-$1.log" >&2
    rm -f "$root/build-$1.log"
    die "configuring the preset '$1' failed"
  }
  mv "$root/build-$1.log" "$root/build/$1/configure.log"
}

# build PRESET [TARGET...]: quiet when it works.
build() {
  local preset=$1
  shift
  [ -e "$root/build/$preset/.ninja_log" ] || say "building; the first time takes a few minutes"
  cmake --build "$root/build/$preset" ${1:+--target "$@"} -- --quiet || die "building the preset '$preset' failed"
}
