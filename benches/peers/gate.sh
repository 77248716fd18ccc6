#!/usr/bin/env bash
# The gate beside other indexes that stand in front of one, in one run, with the same index behind all of them.
#
#   benches/peers/gate.sh [WORK_DIR]
#
# Needs wrk, nginx, uv and Python 3.11 with venv. What it installs is below WORK_DIR, target/gate-peers without one. None of the peers
# keeps every field of a page: `benches/README.md` says which.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=${1:-target/gate-peers}
port=18910
mkdir -p "$work"
work=$(cd "$work" && pwd)
[ -x "$work/venv/bin/gunicorn" ] || {
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check proxpi gunicorn simple-repository-server
}
started=()
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done' EXIT

PROXPI_INDEX_URL="http://127.0.0.1:$port/simple/" "$work/venv/bin/gunicorn" --log-level error -k gthread --threads 2 \
    -b 127.0.0.1:18911 proxpi.server:app >"$work/proxpi.log" 2>&1 &
started+=($!)
"$work/venv/bin/simple-repository-server" --host 127.0.0.1 --port 18912 "http://127.0.0.1:$port/simple/" >"$work/simple.log" 2>&1 &
started+=($!)

cargo bench --bench gate -- "$port" proxpi=http://127.0.0.1:18911/index simple-repository=http://127.0.0.1:18912/simple
