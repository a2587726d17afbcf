#!/bin/sh
# one_row_one_formula.sh CC SOURCE_DIR: a row of the table without a formula, and a
# formula without a row, do not compile; the table as it is does.
set -eu
cc=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source/kernels" "$work/kernels"
mkdir -p "$work/include/clact"

compiles() {
    cp "$work/kernels/activations.def" "$work/include/clact/activations.def"
    "$cc" -std=c11 -c -o "$work/out.o" -Wall -Werror=unused-function -I "$work/include" \
        -I "$work/kernels" -I "$source/host/include" -I "$source/host" -I "$source/tests" \
        -DFORMULA_BUILD=formula_build_here "$source/tests/formula_build.c" 2>"$work/log"
}
fail() {
    echo "$1"
    cat "$work/log"
    exit 1
}

compiles || fail "the table as it is does not compile"

cp "$work/kernels/formulas_piecewise.h" "$work/saved.h"
sed -i 's|^#endif$|ACT real act_orphan_fwd(real x, act_params p) { (void)p; return x; }\n#endif|' \
    "$work/kernels/formulas_piecewise.h"
if compiles; then fail "a formula without a row compiles"; fi
grep -q act_orphan_fwd "$work/log" || fail "the compiler complains of something else"
cp "$work/saved.h" "$work/kernels/formulas_piecewise.h"

sed -i 's|^#undef ACTIVATION|ACTIVATION(ORPHAN, orphan, "", X_ONLY, NO_COMPACT, NO_PARAM, NO_PARAM, 1, EVERYWHERE, NO_KINK, ULPS(0, 0, 0, 0), "x", "1")\n#undef ACTIVATION|' \
    "$work/kernels/activations.def"
if compiles; then fail "a row without a formula compiles"; fi
grep -q act_orphan_fwd "$work/log" || fail "the compiler complains of something else"
rows=$(grep -c '^ACTIVATION(' "$source/kernels/activations.def")
grep -q "neural activations: $rows of them" "$source/README.md" ||
    fail "the README does not count $rows activations"
echo "one row, one formula"
