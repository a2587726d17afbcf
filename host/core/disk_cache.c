/* disk_cache.c (L1): binaries of programs in a folder, one file each.
 *
 * A file: magic, format, size of the binary, key, digest of all these and the binary, the binary;
 * numbers are 64-bit, least byte first. Its name is the first half of the key.
 *
 * A binary is code that will run. So a file counts only if it belongs to the user who runs the
 * program and nobody else may write to it, wherever the folder stands.
 */
#include "disk_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_FORMAT = 8, AT_SIZE = 16, AT_KEY = 24, AT_DIGEST = AT_KEY + SHA256_BYTES };
enum { HEX_DIGITS = 32, RANDOM = 6 }; /* of a name, and what mkstemp adds to it */
static const char magic[AT_FORMAT + 1] = "clactbin", suffix[] = ".clact";

static void store_number(unsigned char *at, uint64_t value) {
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static void name_of(const unsigned char *key, char name[DISK_NAME]) {
    for (int i = 0; i < HEX_DIGITS / 2; i++)
        snprintf(name + 2 * i, 3, "%02x", key[i]);
    snprintf(name + HEX_DIGITS, DISK_NAME - HEX_DIGITS, "%s", suffix);
}

bool disk_cache_path(const char *folder, const char *name, char path[DISK_PATH]) {
    const int length = snprintf(path, DISK_PATH, "%s/%s", folder, name);
    return folder[0] && length > 0 && length < DISK_PATH;
}

/* All of the header; the digest last. */
static void write_header(unsigned char header[DISK_HEADER], const disk_key *key, const void *binary,
                         size_t size) {
    sha256 hash;
    memcpy(header, magic, AT_FORMAT);
    store_number(header + AT_FORMAT, DISK_FORMAT);
    store_number(header + AT_SIZE, size);
    memcpy(header + AT_KEY, key->bytes, SHA256_BYTES);
    sha256_init(&hash);
    sha256_add(&hash, header, AT_DIGEST);
    sha256_add(&hash, binary, size);
    sha256_digest(&hash, header + AT_DIGEST);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool read_all(int file, unsigned char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t n = read(file, bytes + done, size - done);
        if (n == 0 || (n < 0 && errno != EINTR)) return false;
        if (n > 0) done += (size_t)n;
    }
    return true;
}

/* Not a link, nor a pipe that would block. */
static int open_file(const char *folder, const char *name) {
    char path[DISK_PATH];
    if (!disk_cache_path(folder, name, path)) return -1;
    return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* The whole file, malloc'd, if it is one that may be trusted; NULL otherwise. */
static unsigned char *read_file(int file, size_t *size) {
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_uid != geteuid() ||
        (facts.st_mode & (S_IWGRP | S_IWOTH)) || facts.st_size <= DISK_HEADER ||
        facts.st_size > DISK_HEADER + DISK_MAX_BINARY)
        return NULL;
    *size = (size_t)facts.st_size;
    unsigned char *bytes = malloc(*size);
    if (bytes && read_all(file, bytes, *size)) return bytes;
    free(bytes);
    return NULL;
}

/* Whether the header is the one that this binary would get under the key the header has. */
static bool is_whole(const unsigned char *bytes, size_t size) {
    unsigned char header[DISK_HEADER];
    disk_key key;
    memcpy(key.bytes, bytes + AT_KEY, sizeof key.bytes);
    write_header(header, &key, bytes + DISK_HEADER, size - DISK_HEADER);
    return memcmp(bytes, header, DISK_HEADER) == 0;
}

bool disk_cache_load(const char *folder, const disk_key *key, unsigned char **binary,
                     size_t *size) {
    char name[DISK_NAME];
    unsigned char *bytes = NULL;
    *binary = NULL;
    *size = 0;
    name_of(key->bytes, name);
    const int file = open_file(folder, name);
    if (file < 0) return false;
    bytes = read_file(file, size);
    if (bytes && memcmp(bytes + AT_KEY, key->bytes, sizeof key->bytes) == 0 &&
        is_whole(bytes, *size)) {
        futimens(file, NULL);
        *size -= DISK_HEADER;
        memmove(bytes, bytes + DISK_HEADER, *size);
        *binary = bytes;
        bytes = NULL;
    }
    close(file);
    free(bytes);
    return *binary != NULL;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool write_all(int file, const void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t n = write(file, (const char *)bytes + done, size - done);
        if (n == 0 || (n < 0 && errno != EINTR)) return false;
        if (n > 0) done += (size_t)n;
    }
    return true;
}

/* With the folders above it; for the user alone. */
bool disk_cache_prepare(const char *folder) {
    char path[DISK_PATH];
    if (!disk_cache_path(folder, "", path)) return false;
    if (access(path, F_OK) != 0)
        for (char *at = path + 1; (at = strchr(at, '/')); at++) {
            *at = '\0';
            mkdir(path, S_IRWXU); /* some are there already */
            *at = '/';
        }
    return access(path, W_OK | X_OK) == 0;
}

bool disk_cache_store(const char *folder, const disk_key *key, const void *binary, size_t size) {
    unsigned char header[DISK_HEADER];
    char name[DISK_NAME], path[DISK_PATH], temporary[DISK_PATH];
    name_of(key->bytes, name);
    if (size == 0 || size > DISK_MAX_BINARY || !disk_cache_path(folder, name, path)) return false;
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= DISK_PATH) return false;
    const int file = mkstemp(temporary); /* mode 0600 */
    if (file < 0) return false;
    fcntl(file, F_SETFD, FD_CLOEXEC);
    write_header(header, key, binary, size);
    bool is_stored = write_all(file, header, sizeof header) && write_all(file, binary, size);
    is_stored = close(file) == 0 && is_stored;
    is_stored = is_stored && rename(temporary, path) == 0;
    if (!is_stored) unlink(temporary);
    return is_stored;
}

/* ---- Telling files apart --------------------------------------------------------------------- */

static bool is_name(const char *name, bool *is_temporary) {
    const size_t digits = strspn(name, "0123456789abcdef"), length = strlen(name);
    const size_t whole = HEX_DIGITS + sizeof suffix - 1;
    *is_temporary = length == whole + 1 + RANDOM && name[whole] == '.';
    return digits == HEX_DIGITS && strncmp(name + digits, suffix, sizeof suffix - 1) == 0 &&
           (length == whole || *is_temporary);
}

/* A writer that was stopped may have left less than the magic, or nothing. */
static bool starts_like_ours(int file) {
    char start[AT_FORMAT];
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
    const size_t size = facts.st_size < AT_FORMAT ? (size_t)facts.st_size : AT_FORMAT;
    return pread(file, start, size, 0) == (ssize_t)size && memcmp(start, magic, size) == 0;
}

disk_kind disk_cache_inspect(const char *folder, const char *name, bool quick) {
    char own_name[DISK_NAME];
    bool is_temporary = false;
    size_t size = 0;
    if (!is_name(name, &is_temporary)) return DISK_FOREIGN;
    const int file = open_file(folder, name);
    if (file < 0) return DISK_FOREIGN;
    disk_kind kind = !starts_like_ours(file) ? DISK_FOREIGN
                     : is_temporary          ? DISK_LEFTOVER
                                             : DISK_WHOLE;
    if (kind == DISK_WHOLE && !quick) {
        unsigned char *bytes = read_file(file, &size);
        if (bytes) name_of(bytes + AT_KEY, own_name);
        if (!bytes || !is_whole(bytes, size) || strcmp(name, own_name) != 0) kind = DISK_UNUSABLE;
        free(bytes);
    }
    close(file);
    return kind;
}
