/* disk_cache.h (L1): binaries of programs in a folder, one file each.
 *
 * A file is used only if all of it is as it was written, under the key that is asked for; anything
 * else is as if it were not there. Nothing here fails in a way that a caller had to see. Any number
 * of processes and threads may use one folder at a time: files appear complete, by rename.
 */
#ifndef CORE_DISK_CACHE_H
#define CORE_DISK_CACHE_H

#include "sha256.h"

#include <stdbool.h>

enum {
    DISK_FORMAT = 1,           /* of the files; part of every key too */
    DISK_HEADER = 88,          /* bytes before the binary */
    DISK_NAME = 64,            /* room for a file's name */
    DISK_PATH = 4096,          /* and for its path; a longer one is not used */
    DISK_MAX_BINARY = 64 << 20 /* bytes; a larger one is not kept */
};

/* What a binary was made from: a digest of everything that decides it. */
typedef struct disk_key {
    unsigned char bytes[SHA256_BYTES];
} disk_key;

/* The binary kept under the key, malloc'd: the caller frees it. Marks the file as used now. */
bool disk_cache_load(const char *folder, const disk_key *key, unsigned char **binary, size_t *size);

/* Makes the folder if it is missing; whether files can be kept in it. */
bool disk_cache_prepare(const char *folder);

/* Keeps a binary, in place of what is there. The folder is prepared. */
bool disk_cache_store(const char *folder, const disk_key *key, const void *binary, size_t size);

/* ---- What the folder's housekeeping needs ---------------------------------------------------- */

typedef enum disk_kind {
    DISK_FOREIGN,  /* not written by clact, as far as name and first bytes tell */
    DISK_LEFTOVER, /* what a writer is writing, or has left when it was stopped */
    DISK_UNUSABLE, /* clact's, but damaged, of another format, or others may write to it */
    DISK_WHOLE
} disk_kind;

/* Reads the file to tell; with `quick` only its first bytes, and takes all for whole. */
disk_kind disk_cache_inspect(const char *folder, const char *name, bool quick);

/* "folder/name"; false if it is too long. */
bool disk_cache_path(const char *folder, const char *name, char path[DISK_PATH]);

#endif
