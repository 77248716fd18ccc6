#!/bin/sh
# namewarden beside typomania and rapidfuzz: the same names, the same watches, one core, one run.
#
#     benches/peers/run.sh NAMES.tsv.gz [WATCHES]
#
# NAMES: name, version, month, download rank. Watches are the most downloaded (10,000). Names are those that match nothing
# by namewarden: all of them for namewarden, every 20th for typomania, every 100th for rapidfuzz, which would take minutes.
set -eu
names=$(realpath "$1")
count=${2:-10000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gzip -dc "$names" | awk -F'\t' 'NR > 1 && $4 != "" { print $4 "\t" $1 }' | sort -n | head -n "$count" | cut -f2 > "$work/watches"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet rapidfuzz numpy
cargo build --quiet --release --manifest-path "$here/typomania/Cargo.toml"

cd "$here/../.."
cargo bench --quiet --bench speed -- "$names" "$count" "$work/quiet" | tee "$work/ours"
awk 'NR % 20 == 0' "$work/quiet" > "$work/twentieth"
awk 'NR % 100 == 0' "$work/quiet" > "$work/hundredth"
"$here/typomania/target/release/peer-typomania" "$work/watches" "$work/twentieth" | tee "$work/typo"
"$work/venv/bin/python" "$here/rapidfuzz_cdist.py" "$work/watches" "$work/hundredth" | tee "$work/fuzz"

rate() { awk '{ print $(NF - 1) }' "$work/$1"; }
awk -v ours="$(rate ours)" -v typo="$(rate typo)" -v fuzz="$(rate fuzz)" \
    'BEGIN { printf "namewarden is %.0f times typomania, %.0f times rapidfuzz\n", ours / typo, ours / fuzz }'
