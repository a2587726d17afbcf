/* tune_gemm.h: `clact tune --gemm`: parameters of CLBlast. */
#ifndef TUNE_GEMM_H
#define TUNE_GEMM_H

#include "device_pick.h"

#include <stdbool.h>

/* Searches and writes the file, and reports; returns the code to exit with. */
int tune_gemm(const picked_device *picked, const char *path, bool is_json);

/* Reports what is in use; path NULL for no file. */
int tune_gemm_show(const picked_device *picked, const char *path, bool is_json);

#endif
