#!/usr/bin/env bash
# Install the missing system packages, after asking: those of the product, and with "tests" those of its tests and
# benchmarks.
# Debian 12 and 13, Ubuntu 24.04. GEOSOCLE_YES=1 answers yes.
set -euo pipefail

runtime=(libgdal-dev g++ bubblewrap libjs-leaflet ca-certificates)
tests=(curl gdal-bin python3-qgis xvfb xauth poppler-utils wrk nginx pgbouncer)

say() { printf '→ %s\n' "$*" >&2; }
stop() { printf '\nGéosocle : %s\n' "$*" >&2; exit 1; }
installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
known() { [[ -n $(apt-cache --names-only search "^$1\$") ]]; }

# The PostGIS of the PostgreSQL that is there, or of the one that the distribution would install.
postgis_packages() {
    local version
    version=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | grep -oP 'postgresql/\K[0-9]+' | sort -n | tail -1 || true)
    [[ -n $version ]] || version=$(apt-cache depends postgresql | grep -oP 'postgresql-\K[0-9]+' | head -1)
    echo "postgresql-$version postgresql-$version-postgis-3 postgresql-$version-postgis-3-scripts"
}

# Headers and venv for the system's Python, only where that is the one setup/python.sh will take.
python_packages() {
    local version
    version=$(apt-cache depends python3 2>/dev/null | grep -oP 'Depends: python\K3\.[0-9]+' | head -1)
    if [[ ${version#3.} -ge 12 ]]; then echo "python3 python3-dev python3-venv"; fi
}

missing() {
    local package
    for package in "$@"; do installed "$package" || echo "$package"; done
}

confirm() {
    [[ ${GEOSOCLE_YES:-} == 1 ]] && return
    local command="apt-get install --no-install-recommends $*"
    [[ -t 0 ]] || stop "il manque des paquets. Lancez d'abord, en administrateur :
    $command
ou recommencez avec GEOSOCLE_YES=1."
    printf 'Géosocle a besoin de ces paquets du système :\n    %s\nLes installer ? [o/N] ' "$*" >&2
    local answer
    read -r answer
    [[ $answer == [oOyY]* ]] || stop "rien n'a été installé. Pour le faire vous-même :
    $command"
}

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; return; fi
    command -v sudo >/dev/null || stop "sudo manque : lancez en administrateur « $* »."
    sudo "$@"
}

# A first PostgreSQL would make and start a server of its own at its installation: Géosocle has its private one.
# Where there is one already, its servers and its settings are left alone.
keep_debian_from_making_a_cluster() {
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return
    local folder=/etc/postgresql-common/createcluster.d
    as_root mkdir -p "$folder"
    echo 'create_main_cluster = false' | as_root tee "$folder/geosocle.conf" >/dev/null
    undo+=("$folder/geosocle.conf")
}

# The tests start the proxies that they need, on free ports: none shall run as a service of the machine.
keep_debian_from_starting_services() {
    local policy=/usr/sbin/policy-rc.d
    [[ -e $policy ]] && return
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    undo+=("$policy")
}

undo=()
trap '[[ ${#undo[@]} -eq 0 ]] || as_root rm -f "${undo[@]}"' EXIT

command -v apt-get >/dev/null || stop "seules Debian 12 et 13 et Ubuntu 24.04 sont prévues ici. Il faut : ${runtime[*]}."
known postgresql || as_root apt-get update -qq
wanted=("${runtime[@]}" $(postgis_packages) $(python_packages))
if [[ ${1:-} == tests ]]; then
    wanted+=("${tests[@]}")
    grep -q '^ID=ubuntu' /etc/os-release || wanted+=(chromium)  # Ubuntu has it as a snap only
fi
mapfile -t absent < <(missing "${wanted[@]}")
[[ ${#absent[@]} -eq 0 ]] && exit 0

confirm "${absent[@]}"
say "Paquets du système : ${absent[*]}"
keep_debian_from_making_a_cluster
keep_debian_from_starting_services
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${absent[@]}"
