#!/usr/bin/env bash
# CPU time and error of a 1C discharge (Chen2020, from full) by this program and by PyBaMM, in one run.
#
# Installs PyBaMM (PyPI) into .tools/pybamm the first time. Both errors are against this program's
# fine mesh; times are the smallest of eleven, without building the model.
set -euo pipefail
cd "$(dirname "$0")/.."
program="${ANODYNE:-}"
if [ -z "$program" ]; then
  swift build -c release --product anodyne >/dev/null
  program="$(swift build -c release --show-bin-path)/anodyne"
fi
pybamm_version=26.10.1.1
if [ "$(cat .tools/pybamm/version 2>/dev/null)" != "$pybamm_version" ]; then
  printf 'bench-physics: installing PyBaMM %s into .tools/pybamm\n' "$pybamm_version"
  python3 -m venv .tools/pybamm
  .tools/pybamm/bin/pip install --quiet --disable-pip-version-check "pybamm==$pybamm_version" || {
    printf 'bench-physics: pip could not install pybamm %s; check the network\n' "$pybamm_version" >&2
    exit 69
  }
  printf '%s' "$pybamm_version" >.tools/pybamm/version
fi
exec .tools/pybamm/bin/python Scripts/bench-physics.py "$program"
