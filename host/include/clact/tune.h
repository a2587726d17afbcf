/* tune.h: tunings measured on a device and kept in files.
 *
 * A file is a JSON object: which device it is of, and sections, of which "kernels" has a
 * clact_tuning and "gemm" a clact_gemm_tuning. What else is in it is kept when it is written again.
 */
#ifndef CLACT_TUNE_H
#define CLACT_TUNE_H

#include <clact/gemm.h>
#include <clact/tuning.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Files ----------------------------------------------------------------------------------- */

/* Writes a name for the device's file, "PoCL-name-0123456789abcdef.json", made of the name of the
 * device and its driver; returns the length it has in full, 0 if the device does not answer. */
CLACT_API size_t clact_tuning_file_name(cl_device_id device, char *text, size_t size);

/* Reads the kernels' section of a file into *tuning, whose struct_size is set; numbers that are not
 * there are 0. *found, unless NULL, says whether there was one. A file that is missing, or without
 * that section, is an empty tuning: SUCCESS. One that is damaged, of another device or driver, of
 * an older or later format, or refused by clact_tuning_check gives FILE, an empty tuning and a
 * sentence that names the file and says why (empty after success), cut to size. Errors:
 * INVALID_ARGUMENT, FILE, MEMORY, OPENCL. */
CLACT_API clact_status clact_tuning_load(const char *path, cl_device_id device,
                                         clact_tuning *tuning, bool *found, char *message,
                                         size_t size);

/* Writes the section, in place of the one that is there; other sections stay, if the file is of
 * this device and whole. The folder and those above it are made when missing, for the user alone.
 * The file appears complete, by rename: whatever happens, there is the old one or the new one.
 * Errors: as clact_tuning_load. */
CLACT_API clact_status clact_tuning_save(const char *path, cl_device_id device,
                                         const clact_tuning *tuning, char *message, size_t size);

/* The same for CLBlast's parameters, which are all there or not at all: *tuning is as it was unless
 * *found. */
CLACT_API clact_status clact_gemm_load(const char *path, cl_device_id device,
                                       clact_gemm_tuning *tuning, bool *found, char *message,
                                       size_t size);
CLACT_API clact_status clact_gemm_save(const char *path, cl_device_id device,
                                       const clact_gemm_tuning *tuning, char *message, size_t size);

/* ---- Measuring ------------------------------------------------------------------------------- */

/* What is tuned: a family of kernels, or one of the numbers beside them. */
#define CLACT_TUNE_FETCH  CLACT_FAMILY_COUNT       /* fetch_rows */
#define CLACT_TUNE_STREAM (CLACT_FAMILY_COUNT + 1) /* stream_bytes */
#define CLACT_TUNE_COUNT  (CLACT_FAMILY_COUNT + 2)

/* "forward" and so on, "fetch_rows", "stream_bytes"; NULL for none. */
CLACT_API const char *clact_tune_name(unsigned part);

/* Something else than the default, measured beside it. */
typedef struct clact_tune_trial {
    size_t done, total; /* trials so far, this one included, and all of them at the most */
    unsigned part;      /* a clact_family, CLACT_TUNE_FETCH or CLACT_TUNE_STREAM */
    const char *what;   /* "width 8, local 64, vectors 4" */
    double ratio;       /* its time over the default's: geometric mean over the passes, or that of
                           the first in which it is too slow; infinite where it does not compile */
    bool wins;          /* it is the best of its part so far, by the margin */
} clact_tune_trial;

typedef struct clact_tune_options {
    size_t struct_size;
    bool skipped[CLACT_TUNE_COUNT]; /* parts that are left as they are */
    bool quick;                     /* only the neighbours of the default are tried */
    size_t elements;                /* of matrices beyond the caches; 0 chooses by the device */
    double seconds; /* to measure each trial, compiling apart; 0 for a second, or half of one if
                       quick */
    double margin;  /* by which a trial has to be faster; 0 for 0.02 */
    bool (*progress)(void *user, const clact_tune_trial *trial); /* after each trial; false stops */
    void *user;
} clact_tune_options;

typedef struct clact_tune_result {
    size_t struct_size;
    clact_tuning tuning;             /* what has won; a number is 0 where the default stays */
    double ratios[CLACT_TUNE_COUNT]; /* time of what has won over the default's, measured once more;
                                        1 where the default stays */
    bool stopped; /* by the progress function; what was found until then is there */
} clact_tune_result;

/* Measures shapes of every family on the device, each in turns with the default, in the caches and
 * beyond them, and takes what is faster by the margin, and nowhere slower by more than 5 %. Makes
 * contexts, buffers and a queue of its own and waits for them. options NULL means the defaults;
 * result->struct_size is set. *message says what failed. Errors: INVALID_ARGUMENT, MEMORY, and
 * those of the passes. */
CLACT_API clact_status clact_tune_run(cl_context context, cl_device_id device,
                                      const clact_tune_options *options, clact_tune_result *result,
                                      char *message, size_t size);

#ifdef __cplusplus
}
#endif
#endif
