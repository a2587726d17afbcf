/* tuning_pick.h: which tuning a program uses; for programs. */
#ifndef TUNING_PICK_H
#define TUNING_PICK_H

#include <clact/gemm.h>
#include <clact/tuning.h>

enum { TUNING_PLACE_SIZE = 4096 };

/* What --tuning is for, in help texts. */
#define TUNING_WORDS "FILE of `clact tune`, or none; else the device's own, if there is one"

/* Where `clact tune` keeps what it found for the device: a file under cache_place's folder. NULL if
 * there is none, or the path is too long. */
const char *tuning_place(cl_device_id device, char path[TUNING_PLACE_SIZE]);

/* The tuning that the user has named: a file, "none", or NULL for that of tuning_place. What cannot
 * be used is empty, after a warning on standard error; but a file that is named and missing is an
 * error, with a sentence in message. */
bool tuning_pick(const char *named, cl_device_id device, clact_tuning *tuning, char *message,
                 size_t size);

/* Likewise the parameters of CLBlast; true where there are some. Nothing is said of a file that
 * tuning_pick has warned of. */
bool gemm_pick(const char *named, cl_device_id device, clact_gemm_tuning *tuning);

#endif
