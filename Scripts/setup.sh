#!/usr/bin/env bash
# Installs what the build, the pages and the tests need. Says what it does; safe to repeat.
#
#   Scripts/setup.sh run     what `make run` needs: C libraries and the chart library
#   Scripts/setup.sh test    also what `make test` needs: Chromium, SUNDIALS, a JSON Schema validator,
#                            an emulated Cortex-M7 and WebAssembly for the onboard core, an MQTT broker,
#                            a PostgreSQL server that the tests start for themselves
set -euo pipefail
cd "$(dirname "$0")/.."
purpose="${1:-run}"

# The chart library, out of its PyPI wheel; the page embeds it, the repository does not hold it.
plotly_version=7.1.0

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 69; }

command -v swift >/dev/null 2>&1 || fail "Swift 6.3 or later is not on PATH. Install it from https://www.swift.org/install and run this again."

debian_run=(git g++ tzdata python3 python3-venv ca-certificates pkg-config libmatio-dev
  libarchive-dev libexpat1-dev libsqlite3-dev libssl-dev zlib1g-dev libzstd-dev libpq-dev)
debian_test=(chromium fonts-dejavu-core unzip xz-utils zstd libsundials-dev
  qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi wasi-libc
  mosquitto mosquitto-clients openssl
  postgresql)
brew_run=(python libmatio libarchive expat sqlite openssl@3 zstd libpq pkg-config)
brew_test=(sundials mosquitto postgresql@15)

install_debian() {
  local wanted=("${debian_run[@]}") missing=() package
  [ "$purpose" = test ] && wanted+=("${debian_test[@]}")
  for package in "${wanted[@]}"; do
    if [ "$package" = chromium ] && grep -q '^ID=ubuntu' /etc/os-release; then
      command -v chromium >/dev/null 2>&1 ||
        say "Ubuntu has Chromium as a snap only; the page walks are skipped until a chromium command is on PATH"
      continue
    fi
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then say "Debian packages: all there"; return; fi
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "these packages are missing and neither root nor sudo is at hand: ${missing[*]}. Install them with: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing with apt-get: ${missing[*]}"
  "${root[@]}" apt-get update -qq ||
    fail "apt-get update failed. Check the network and the package sources, then run this again."
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}. Run apt-get install ${missing[*]} to see why."
}

install_macos() {
  local missing=() formula
  command -v brew >/dev/null 2>&1 ||
    fail "Homebrew is missing. Install it from https://brew.sh, then: brew install ${brew_run[*]}"
  local wanted=("${brew_run[@]}")
  [ "$purpose" = test ] && wanted+=("${brew_test[@]}")
  for formula in "${wanted[@]}"; do
    brew list --versions "$formula" >/dev/null 2>&1 || missing+=("$formula")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    fail "missing Homebrew packages. Install them with: brew install ${missing[*]}"
  fi
  say "Homebrew packages: all there"
}

case "$(uname -s)" in
  Linux)
    command -v apt-get >/dev/null 2>&1 ||
      fail "this set-up knows Debian 12 and Ubuntu. Elsewhere install the equivalents of: ${debian_run[*]}"
    install_debian ;;
  Darwin) install_macos ;;
  *) fail "this set-up knows Debian 12, Ubuntu and macOS, not $(uname -s)." ;;
esac

mkdir -p .tools/plotly
if [ ! -x .tools/venv/bin/pip ]; then
  say "making a Python environment in .tools/venv"
  rm -rf .tools/venv
  python3 -m venv .tools/venv || fail "python3 -m venv failed; is python3-venv installed?"
fi

if [ "$(cat .tools/plotly/version 2>/dev/null)" != "$plotly_version" ]; then
  say "fetching plotly.js out of the PyPI wheel plotly $plotly_version"
  wheels=$(mktemp -d)
  trap 'rm -rf "$wheels"' EXIT
  .tools/venv/bin/pip download --quiet --disable-pip-version-check --no-deps \
    --dest "$wheels" "plotly==$plotly_version" ||
    fail "pip could not download plotly $plotly_version. Check the network, then run this again."
  .tools/venv/bin/python - "$wheels" <<'PY'
import glob, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + "/plotly-*.whl")[0])
with open(".tools/plotly/plotly.min.js", "wb") as out:
    out.write(wheel.read("plotly/package_data/plotly.min.js"))
PY
  printf '%s' "$plotly_version" >.tools/plotly/version
else
  say "plotly.js $plotly_version: already there"
fi

if [ "$purpose" = test ] && ! .tools/venv/bin/python -c 'import jsonschema' 2>/dev/null; then
  say "installing the JSON Schema validator (jsonschema) into .tools/venv"
  .tools/venv/bin/pip install --quiet --disable-pip-version-check 'jsonschema>=4.18,<5' ||
    fail "pip could not install jsonschema. Check the network, then run this again."
fi
say "ready"
