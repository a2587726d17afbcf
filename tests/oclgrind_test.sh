#!/bin/sh
# oclgrind_test.sh OCLGRIND TEST_DEVICE TEST_TRAINING_OPS: runs every kernel once under Oclgrind,
# which checks bounds, races and uninitialised reads; anything it says fails the test.
set -u
log=$(mktemp)
trap 'rm -f "$log" "$log.out"' EXIT

check() { # program and arguments
    : >"$log"
    "$oclgrind" --build-options -cl-opt-disable --data-races --uninitialized --log "$log" \
        "$@" >"$log.out" 2>&1
    status=$?
    if [ $status -eq 77 ]; then
        cat "$log.out"
        exit 77
    fi
    if [ $status -ne 0 ] || [ -s "$log" ]; then
        echo "under Oclgrind, $* exits with $status; it says:"
        head -n 40 "$log"
        grep -v 'OK \|RUN ' "$log.out" | head -n 40
        exit 1
    fi
    grep PASSED "$log.out"
}

oclgrind=$1
check "$2" small
check "$3" small
