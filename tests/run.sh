#!/bin/sh
# tests/run.sh [--rusticl] [ctest options]: installs what is missing, builds, runs every test but the
# slow ones through CTest, and runs the formulas once more under the address and undefined-behaviour
# sanitizers. With CTest's options it picks, and skips the sanitizers: `-L host` needs no device,
# `-L slow` runs what else is skipped. --rusticl downloads Mesa's OpenCL driver into build/rusticl,
# once, where the test of that name then finds it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/host/packages.sh"

# shellcheck disable=SC2086 # a list of words
sh "$root/host/setup.sh" $build_packages $bench_packages $test_packages

# configure_and_build FOLDER OPTIONS TARGETS
configure_and_build() {
    if ! mkdir -p "$1" || ! [ -w "$1" ]; then
        echo "$1 cannot be written; use a checkout of your own" >&2
        exit 1
    fi
    echo "build: $1"
    # shellcheck disable=SC2086 # a list of words each
    if ! { cmake -S "$root" -B "$1" -DCLACT_WERROR=ON -DCLACT_TESTS=ON $2 &&
        cmake --build "$1" --parallel "$(nproc)" --target $3; } >"$1/log" 2>&1; then
        tail -n 40 "$1/log" >&2
        echo "the build failed; all of it is in $1/log" >&2
        exit 1
    fi
}

if [ "${1:-}" = --rusticl ]; then
    shift
    sh "$root/tests/rusticl_fetch.sh" "$root/build/rusticl"
fi
if [ -z "${CLACT_RUSTICL_ROOT:-}" ] && [ -e "$root/build/rusticl/complete" ]; then
    export CLACT_RUSTICL_ROOT="$root/build/rusticl"
fi

configure_and_build "$root/build/tests" -DCMAKE_BUILD_TYPE=Release all
if [ $# -gt 0 ]; then
    cd "$root/build/tests" && exec ctest --output-on-failure "$@"
fi
(cd "$root/build/tests" && ctest --output-on-failure --parallel "$(nproc)" --label-exclude slow)

sanitized="test_formulas test_specials test_oracle test_verify test_table test_errors
    test_type_errors test_training_ops test_net test_net_training test_net_init test_net_health
    test_dense test_dense_batch test_dense_errors
    test_threads test_storage test_self_test test_disk_cache test_cache_folder test_cache
    test_sweep_errors test_sweep_legal test_philox test_sums test_health test_saved test_warm_up
    test_dataset test_dataset_as test_safetensors test_figure test_optimizers"

configure_and_build "$root/build/sanitized" \
    "-DCMAKE_BUILD_TYPE=RelWithDebInfo -DCLACT_SANITIZE=address,undefined" \
    "$sanitized"
# those that take a width have it in their name
# shellcheck disable=SC2086,SC2116 # a list of words
(cd "$root/build/sanitized" &&
    ctest --output-on-failure -R "^($(echo $sanitized | tr ' ' '|'))(_16)?\$")
