/* bench_file.c: results appear complete or not at all. */
#include "bench_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_target {
    char *path, *temporary; /* temporary NULL: write to path directly */
} file_target;

static void file_release(file_target *target) {
    free(target->path);
    free(target->temporary);
}

static bool file_resolve(const char *path, file_target *target, bench_error *error) {
    struct stat status;
    const bool exists = stat(path, &status) == 0;
    *target = (file_target){.path = exists ? realpath(path, NULL) : strdup(path)};
    if (target->path == NULL)
        return bench_fail(error, "cannot write '%s': %s; name another file", path, strerror(errno));
    if (exists && S_ISDIR(status.st_mode))
        return bench_fail(error, "cannot write '%s': it is a folder; name a file", path);
    if (exists && !S_ISREG(status.st_mode)) return true;
    const size_t size = strlen(target->path) + 32;
    target->temporary = malloc(size);
    if (target->temporary == NULL) return bench_fail(error, "out of memory");
    snprintf(target->temporary, size, "%s.part%ld", target->path, (long)getpid());
    return true;
}

static FILE *file_open(const char *path, const file_target *target, bench_error *error) {
    FILE *out = target->temporary ? fopen(target->temporary, "wx") : fopen(target->path, "w");
    if (out == NULL)
        bench_fail(error, "cannot write '%s': %s; name a file in a folder that can be written",
                   path, strerror(errno));
    return out;
}

bool bench_file_check(const char *path, bench_error *error) {
    if (strcmp(path, "-") == 0) return true;
    file_target target;
    bool ok = file_resolve(path, &target, error);
    if (ok && target.temporary) {
        FILE *out = file_open(path, &target, error);
        ok = out != NULL;
        if (out) fclose(out);
        if (out) remove(target.temporary);
    }
    file_release(&target);
    return ok;
}

static bool file_write_to(FILE *out, const char *name, bench_file_writer *writer, const void *user,
                          bench_error *error) {
    errno = 0;
    if (writer(out, user) && fflush(out) == 0 && !ferror(out)) return true;
    return bench_fail(error, "cannot write %s: %s", name,
                      errno ? strerror(errno) : "the writer failed");
}

bool bench_file_write(const char *path, bench_file_writer *writer, const void *user,
                      bench_error *error) {
    if (strcmp(path, "-") == 0)
        return file_write_to(stdout, "standard output", writer, user, error);
    file_target target;
    bool ok = false;
    if (!file_resolve(path, &target, error)) goto done;
    FILE *out = file_open(path, &target, error);
    if (out == NULL) goto done;
    ok = file_write_to(out, path, writer, user, error);
    if (fclose(out) != 0 && ok)
        ok = bench_fail(error, "cannot write %s: %s", path, strerror(errno));
    if (ok && target.temporary && rename(target.temporary, target.path) != 0)
        ok = bench_fail(error, "cannot rename '%s' to '%s': %s", target.temporary, target.path,
                        strerror(errno));
    if (!ok && target.temporary) remove(target.temporary);

done:
    file_release(&target);
    return ok;
}
