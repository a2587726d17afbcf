/* vector.h: CLONES before a function with plain loops compiles it for the vectors of several x86-64
 * processors, of which the program picks one when it starts. Elsewhere it is nothing. */
#ifndef CLACT_VERIFY_VECTOR_H
#define CLACT_VERIFY_VECTOR_H

#include <stddef.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#endif
