#!/usr/bin/env bash
# The gate beside other indexes that stand in front of one, in one run, with the same index behind all of them.
#
#   benches/peers/gate.sh [WORK_DIR]
#
# Needs wrk, nginx, uv, curl and Python 3.11 with venv. What it installs is below WORK_DIR, target/gate-peers without one. BENCH is the
# program, where it was built before. NORA (`cargo install nora-registry`, eight minutes) takes part where it is installed; other peers
# are added by the address of their simple API: PEERS="name=http://127.0.0.1:1234/simple". `benches/README.md` says what each leaves out.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=${1:-target/gate-peers}
port=18910
mkdir -p "$work"
work=$(cd "$work" && pwd)
[ -x "$work/venv/bin/gunicorn" ] || {
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check proxpi gunicorn simple-repository-server \
        devpi-server
}
started=()
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done' EXIT

PROXPI_INDEX_URL="http://127.0.0.1:$port/simple/" "$work/venv/bin/gunicorn" --log-level error -k gthread --threads 2 \
    -b 127.0.0.1:18911 proxpi.server:app >"$work/proxpi.log" 2>&1 &
started+=($!)
"$work/venv/bin/simple-repository-server" --host 127.0.0.1 --port 18912 "http://127.0.0.1:$port/simple/" >"$work/simple.log" 2>&1 &
started+=($!)

# devpi knows its upstream by an index of kind mirror, which somebody who is logged in makes.
devpi=http://127.0.0.1:18913
rm -rf "$work/devpi"
"$work/venv/bin/devpi-init" --serverdir "$work/devpi" --no-root-pypi >"$work/devpi.log" 2>&1
"$work/venv/bin/devpi-server" --serverdir "$work/devpi" --host 127.0.0.1 --port 18913 >>"$work/devpi.log" 2>&1 &
started+=($!)
told() { curl --silent --fail --header 'Content-Type: application/json' "$@"; }
told --retry 60 --retry-connrefused --retry-delay 1 --output "$work/login.json" --request POST \
    --data '{"user": "root", "password": ""}' "$devpi/+login"
auth=$(python3 -c 'import base64, json, sys
password = json.load(open(sys.argv[1]))["result"]["password"]
print(base64.b64encode(f"root:{password}".encode()).decode())' "$work/login.json")
told --output /dev/null --request PUT --header "X-Devpi-Auth: $auth" \
    --data "{\"type\": \"mirror\", \"mirror_url\": \"http://127.0.0.1:$port/simple/\"}" "$devpi/root/lab"

nora=()
if command -v nora >/dev/null; then
    rm -rf "$work/nora-data" && mkdir -p "$work/nora-data"
    NORA_HOST=127.0.0.1 NORA_PORT=18914 NORA_STORAGE_PATH="$work/nora-data" NORA_PYPI_ENABLED=true \
        NORA_PYPI_PROXY="http://127.0.0.1:$port/simple" NORA_RATE_LIMIT_ENABLED=false NORA_CURATION_MODE=enforce \
        NORA_CURATION_MIN_RELEASE_AGE=7d NORA_CURATION_QUARANTINE=enforce NORA_CURATION_QUARANTINE_TTL=14d \
        nora serve >"$work/nora.log" 2>&1 &
    started+=($!)
    nora=(nora=http://127.0.0.1:18914/simple)
fi

read -ra others <<<"${PEERS-}"
${BENCH:-cargo bench --bench gate --} "$port" proxpi=http://127.0.0.1:18911/index \
    simple-repository=http://127.0.0.1:18912/simple devpi=$devpi/root/lab/+simple "${nora[@]}" "${others[@]}"
