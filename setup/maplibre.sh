#!/usr/bin/env bash
# Put MapLibre GL beside the tests' libraries, where npm is there: one test draws our styles with it, and says that it
# does not where it is missing. Nothing here makes the installation fail.
set -euo pipefail
cd "$(dirname "$0")/.."
read -r package integrity < setup/maplibre.lock
folder=.venv/maplibre

say() { printf '→ %s\n' "$*" >&2; }
digest() { .venv/bin/python -c 'import base64, hashlib, sys
print("sha512-" + base64.b64encode(hashlib.sha512(open(sys.argv[1], "rb").read()).digest()).decode())' "$1"; }

[[ -f $folder/$package/dist/maplibre-gl.js ]] && exit 0
command -v npm >/dev/null || { say "MapLibre GL : npm n'est pas là, son test sera passé"; exit 0; }
rm -rf $folder && mkdir -p "$folder/$package"
archive=$(cd $folder && timeout 60 npm pack --silent "$package" 2>/dev/null) ||
    { say "MapLibre GL : le registre de npm ne répond pas, son test sera passé"; exit 0; }
if [[ $(digest "$folder/$archive") != "$integrity" ]]; then
    rm -rf $folder
    say "MapLibre GL : l'archive n'est pas celle de setup/maplibre.lock, elle est jetée et son test sera passé"
    exit 0
fi
tar -xzf "$folder/$archive" -C "$folder/$package" --strip-components=1 --wildcards 'package/dist/maplibre-gl.*'
rm "$folder/$archive"
