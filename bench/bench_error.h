/* bench_error.h: one sentence about what went wrong and what to do, passed up to main. */
#ifndef BENCH_ERROR_H
#define BENCH_ERROR_H

#include <stdbool.h>

#include <clact/clact.h>

typedef struct bench_error {
    char text[1024];
} bench_error;

#if defined(__GNUC__)
#define BENCH_FORMAT(string, first) __attribute__((format(printf, string, first)))
#else
#define BENCH_FORMAT(string, first)
#endif

/* Writes the sentence (cut to fit) and returns false, so that a caller can return it on. */
bool bench_fail(bench_error *error, const char *format, ...) BENCH_FORMAT(2, 3);

/* True when code is CL_SUCCESS, else writes what failed and returns false. */
bool bench_check_cl(cl_int code, const char *what, bench_error *error);

/* True when status is CLACT_SUCCESS, else writes what failed, with the message and the first lines
 * of the build log that the context holds. */
bool bench_check_clact(clact_status status, clact_context *context, const char *what,
                       bench_error *error);

#endif
