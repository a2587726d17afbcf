/* bench_child.h: a program that is asked line by line: how a peer in another process is timed in
 * turn with us. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <sys/types.h>

#include "bench_error.h"

/* process 0: none. Lines may be as long as the buffer. */
typedef struct bench_child {
    pid_t process;
    int to, from;
    char buffer[1024];
    size_t filled;
} bench_child;

/* Starts arguments[0], found as the shell finds it, with pipes as standard input and output; NULL
 * ends the arguments. Close *child after any outcome. */
bool bench_child_open(const char *const *arguments, bench_child *child, bench_error *error);

/* Ends it. Accepts what was never opened (all zero). */
void bench_child_close(bench_child *child);

/* Sends a line (given with its newline); NULL sends none. Then waits for one, without its newline;
 * it stays until the next call. False when none comes in two minutes or the child has ended. */
bool bench_child_ask(bench_child *child, const char *line, const char **answer, bench_error *error);

#endif
