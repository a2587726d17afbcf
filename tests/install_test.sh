#!/bin/sh
# install_test.sh SOURCE_DIR BUILD_DIR CMAKE CC: the README's example builds against an installed tree
# through the CMake package and through pkg-config, and prints what the README says.
set -eu
source=$1 build=$2 cmake=$3 cc=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
fail() {
    echo "install: $1"
    exit 1
}

"$cmake" --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log"; exit 1; }
if ls "$prefix/include" | grep -qv '^clact$'; then fail "other headers than clact's were installed"; fi

# the first C block of the README, and the line of output that follows it
awk '/^```c$/ { on = 1; next } /^```/ { if (on) exit } on' "$source/README.md" >"$work/example.c"
lines=$(wc -l <"$work/example.c")
[ "$lines" -gt 10 ] && [ "$lines" -le 26 ] || fail "the README's example has $lines lines"
want=$(grep '^success: ' "$source/README.md") || fail "the README does not show the output"
expect() { # program
    if got=$("$1"); then :; else
        status=$?
        "$prefix/bin/clact" devices >/dev/null 2>&1 || exit 77 # no device to run it on
        fail "$1 exits with $status"
    fi
    [ "$got" = "$want" ] || fail "the example prints '$got', the README says '$want'"
}

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.18)
project(example C)
find_package(clact 99 QUIET)
if(clact_FOUND)
    message(FATAL_ERROR "version 99 was found")
endif()
add_executable(example ../example.c)
include(readme.cmake)
add_executable(net net.c)
target_link_libraries(net clact::clactnet)
CMAKE
cat >"$work/project/net.c" <<'C'
#include <clact/net.h>
#include <clact/product.h>
int main(void) {
    clact_net_destroy(0);
    return clact_net_create(0, 0, 0, 0) == CLACT_INVALID_ARGUMENT ? 0 : 1;
}
C
# the README's own lines
awk '/^```cmake$/ { on = 1; next } /^```/ { on = 0 } on' "$source/README.md" \
    >"$work/project/readme.cmake"
grep -q find_package "$work/project/readme.cmake" || fail "the README shows no find_package"
"$cmake" -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 &&
    "$cmake" --build "$work/project/build" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
expect "$work/project/build/example"
"$work/project/build/net" || fail "the program on clactnet fails"

libdir=$(dirname "$(find "$prefix" -name clact.pc)")
export PKG_CONFIG_PATH="$libdir"
# shellcheck disable=SC2046 # flags are words
"$cc" "$work/example.c" -o "$work/example" $(pkg-config --cflags --libs clact) \
    -Wl,-rpath,"$(dirname "$libdir")"
expect "$work/example"
# shellcheck disable=SC2046
"$cc" "$work/project/net.c" -o "$work/net" $(pkg-config --cflags --libs clactnet) \
    -Wl,-rpath,"$(dirname "$libdir")"
"$work/net"

[ "$("$prefix/bin/clact" --version)" = "clact $(pkg-config --modversion clact)" ] ||
    fail "the installed program says '$("$prefix/bin/clact" --version)'"
"$prefix/bin/clact-bench" --help >/dev/null

# the libraries neither print, nor exit, nor look at the environment
for library in "$(dirname "$libdir")"/libclact*.so; do
    if nm -D --undefined-only "$library" |
        grep -E ' (__)?(v?f?printf(_chk)?|puts|fputs|fwrite|perror|exit|abort|getenv|signal)(@|$)'; then
        fail "$library should not need that"
    fi
done
echo "installed, linked and run: $want"
