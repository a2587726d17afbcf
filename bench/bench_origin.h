/* bench_origin.h: where results come from: the machine, the commit, the command. */
#ifndef BENCH_ORIGIN_H
#define BENCH_ORIGIN_H

#include <stddef.h>

/* "AMD EPYC 9B14, Linux x86_64"; never the machine's name. */
void bench_origin_host(char *text, size_t size);

/* What the program was built from: "1a2b3c4d5e6f", with "-dirty" behind it where files differ from
 * the commit; "" where that is not known. */
const char *bench_origin_commit(void);

/* The command line as it could be typed again, without the folder of the program. */
void bench_origin_command(int argc, char *const *argv, char *text, size_t size);

#endif
