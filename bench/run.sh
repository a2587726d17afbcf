#!/bin/sh
# bench/run.sh [clact-bench options]: installs what is missing, builds, trains the default network
# on the default device, then times every activation forward and backward beside a copy.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/release
. "$root/host/packages.sh"

# shellcheck disable=SC2086 # a list of words
sh "$root/host/setup.sh" $build_packages $bench_packages
if ! mkdir -p "$build" || ! [ -w "$build" ]; then
    echo "$build cannot be written; use a checkout of your own" >&2
    exit 1
fi
echo "build: $build"
if ! { cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCLACT_TESTS=OFF &&
    cmake --build "$build" --parallel "$(nproc)"; } >"$build/log" 2>&1; then
    tail -n 40 "$build/log" >&2
    echo "the build failed; all of it is in $build/log" >&2
    exit 1
fi

echo
echo '$ clact train'
"$build/host/cli/clact" train
echo
echo "\$ clact-bench${*:+ $*}"
"$build/bench/clact-bench" "$@"
