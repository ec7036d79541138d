#!/usr/bin/env bash
# Make .venv on a Python ≥ 3.12 and install a lock into it, then GDAL's binding for the system's libgdal, then us.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}

say() { printf '→ %s\n' "$*" >&2; }
stop() { printf '\nGéosocle : %s\n' "$*" >&2; exit 1; }
# A name on the PATH may be a shim that runs nothing: ask it.
suits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; }
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
# One line for each thing fetched or built, instead of pip's hundreds.
progress() { sed -un -e "s/^ *Downloading /    /p" -e "s/^ *Building wheel for \(.*\): started.*/    construction : \1/p" >&2; }

candidates() {
    printf '%s\n' python3.13 python3.12
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[23]*/bin/python 2>/dev/null | sort -rV || true
    printf '%s\n' python3 python3.14  # newer than those that we test on: at last
}

make_environment() {
    local python
    while read -r python; do
        if suits "$python"; then
            say "Environnement Python : .venv ($("$python" --version))"
            "$python" -m venv --clear .venv
            return
        fi
    done < <(candidates)
    command -v uv >/dev/null || stop "il faut Python 3.12 ou plus récent (python3-venv compris), ou « uv » qui l'apporte."
    say "Environnement Python : .venv (par uv)"
    uv venv --quiet --clear --seed --python 3.13 .venv
}

# A binding of another version than the library's does not load.
install_gdal_binding() {
    local version requirement
    version=$(gdal-config --version) || stop "gdal-config manque : paquet libgdal-dev."
    .venv/bin/python -c "from osgeo import gdal_array; from osgeo.gdal import __version__ as v; assert v == '$version'" \
        2>/dev/null && return
    requirement=$(grep "^GDAL==$version " setup/gdal.lock || true)
    say "GDAL $version pour Python, construit avec la bibliothèque du système"
    if [[ -n $requirement ]]; then
        pip install --no-deps --no-build-isolation --no-cache-dir --no-binary gdal -r <(echo "$requirement") | progress
    else
        pip install --no-deps --no-build-isolation --no-cache-dir --no-binary gdal "GDAL==$version" | progress
    fi
}

suits .venv/bin/python || make_environment
say "Bibliothèques Python : $lock"
pip install --require-hashes --only-binary :all: -r "$lock" | progress
install_gdal_binding
pip install --quiet --no-deps --no-build-isolation --editable .
