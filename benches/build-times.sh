#!/bin/sh
# The clean build of this crate with the feature nemesis, against the clean build of its run-time dependencies alone.
#
# What is measured: an empty crate with the dependencies and features that `statuswire -F nemesis` has at run time, and one
# that depends on statuswire itself. Both are built alternately into empty directories, offline, with the default profile, and
# without incremental state, which cargo keeps for no crate of a registry.
# Usage: benches/build-times.sh [ROUNDS]   (default 3; a round takes a minute or two)
set -eu

rounds=${1:-3}
root=$(cd "$(dirname "$0")/.." && pwd)
cargo=${CARGO:-cargo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CARGO_TARGET_DIR
export CARGO_INCREMENTAL=0

# new_crate NAME DEPENDENCIES
new_crate() {
    mkdir -p "$work/$1/src"
    : > "$work/$1/src/lib.rs"
    cp "$root/Cargo.lock" "$work/$1/Cargo.lock"
    printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n%s\n' "$1" "$2" > "$work/$1/Cargo.toml"
}

# What cargo would build for the feature, one dependency a line: name, version, features; without build dependencies and the
# packages of this repository, whose lines show their directory.
floor_dependencies() {
    (cd "$root" && "$cargo" tree --offline --package statuswire --features nemesis --edges normal --depth 2 --prefix none \
        --format '{p}|{f}' --no-dedupe) | sed 's/ (proc-macro)//' | grep -v '(/' | sort -u | while IFS='|' read -r package features; do
        name=${package%% *}
        version=${package#* v}
        version=${version%% *}
        quoted=$(printf '%s' "$features" | sed 's/[^,][^,]*/"&"/g')
        printf '%s = { version = "=%s", default-features = false, features = [%s] }\n' "$name" "$version" "$quoted"
    done
}

# seconds NAME
seconds() {
    rm -rf "$work/$1/target"
    start=$(date +%s.%N)
    (cd "$work/$1" && "$cargo" build --offline --quiet)
    end=$(date +%s.%N)
    echo "$end $start" | awk '{ print $1 - $2 }'
}

new_crate floor "$(floor_dependencies)"
new_crate ours "statuswire = { path = \"$root\", features = [\"nemesis\"] }"

# The first build reads everything from the disk: it is not counted.
seconds ours > /dev/null

round=0
while [ "$round" -lt "$rounds" ]; do
    floor=$(seconds floor)
    ours=$(seconds ours)
    echo "round $((round + 1)): dependencies alone $floor s, with statuswire $ours s" >&2
    echo "$ours $floor" | awk '{ printf "%.3f\n", $1 / $2 }'
    round=$((round + 1))
done | sort -n | awk '{ ratio[NR] = $1 } END { print "ratio build/nemesis", ratio[int((NR + 1) / 2)], ratio[1], ratio[NR] }'
