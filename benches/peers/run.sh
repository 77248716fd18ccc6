#!/bin/sh
# namewarden beside typomania and rapidfuzz: the same names, the same watches, one core, one run.
#
#     benches/peers/run.sh NAMES.tsv.gz [WATCHES]
#
# NAMES: name, version, month, download rank. Watches are the most downloaded (10,000). Names are those that match nothing
# by namewarden: all of them for namewarden, every 20th for typomania, every 100th for rapidfuzz, which would take minutes.
# Ends with a failure where one of the three gives no figure.
set -eu
names=$(realpath "$1")
count=${2:-10000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The peer is built where it is looked for, whatever CARGO_TARGET_DIR says of our own build.
peer=${CARGO_TARGET_DIR:-$here/typomania/target}/peer-typomania

gzip -dc "$names" | awk -F'\t' 'NR > 1 && $4 != "" { print $4 "\t" $1 }' | sort -n | head -n "$count" | cut -f2 > "$work/watches"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet rapidfuzz numpy
cargo build --quiet --release --target-dir "$peer" --manifest-path "$here/typomania/Cargo.toml"

cd "$here/../.."
# What is piped into tee may fail unseen, so nothing is: each figure is a file first.
figure() { "$@" > "$work/$figure" && cat "$work/$figure"; }
figure=ours figure cargo bench --quiet --bench speed -- "$names" "$count" "$work/quiet"
awk 'NR % 20 == 0' "$work/quiet" > "$work/twentieth"
awk 'NR % 100 == 0' "$work/quiet" > "$work/hundredth"
figure=typo figure "$peer/release/peer-typomania" "$work/watches" "$work/twentieth"
figure=fuzz figure "$work/venv/bin/python" "$here/rapidfuzz_cdist.py" "$work/watches" "$work/hundredth"

# The names a second of a line: a number above nothing, or the run fails.
rate() {
    awk -v what="$1" '{ rate = $(NF - 1) } END { if (rate + 0 <= 0) exit 1; print rate }' "$work/$1" ||
        { echo "run.sh: no figure of $1" >&2; exit 1; }
}
ours=$(rate ours)
typo=$(rate typo)
fuzz=$(rate fuzz)
awk -v ours="$ours" -v typo="$typo" -v fuzz="$fuzz" \
    'BEGIN { printf "namewarden is %.0f times typomania, %.0f times rapidfuzz\n", ours / typo, ours / fuzz }'
