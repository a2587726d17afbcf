/* scratch.c: a folder for one test, and its files. */
#include "scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void require(bool condition, const char *what) {
    if (condition) return;
    perror(what);
    abort();
}

void scratch_make(char folder[SCRATCH_PATH]) {
    const char *top = getenv("TMPDIR");
    snprintf(folder, SCRATCH_PATH, "%s/clact-test-XXXXXX", top && top[0] == '/' ? top : "/tmp");
    require(mkdtemp(folder) != NULL, folder);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_remove(const char *folder) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void scratch_path(const char *folder, const char *name, char path[SCRATCH_PATH]) {
    require(snprintf(path, SCRATCH_PATH, "%s/%s", folder, name) < SCRATCH_PATH, name);
}

static int in_order(const void *a, const void *b) {
    return strcmp(a, b);
}

size_t scratch_list(const char *folder, char (*names)[SCRATCH_PATH], size_t most) {
    size_t count = 0;
    DIR *open_folder = opendir(folder);
    if (!open_folder) return 0;
    for (const struct dirent *e; count < most && (e = readdir(open_folder));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            snprintf(names[count++], SCRATCH_PATH, "%s", e->d_name);
    closedir(open_folder);
    qsort(names, count, sizeof *names, in_order);
    return count;
}

unsigned char *scratch_read(const char *folder, const char *name, size_t *size) {
    char path[SCRATCH_PATH];
    scratch_path(folder, name, path);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + 1);
    require(bytes && fread(bytes, 1, *size, file) == *size, path);
    fclose(file);
    return bytes;
}

void scratch_write(const char *folder, const char *name, const void *bytes, size_t size) {
    char path[SCRATCH_PATH];
    scratch_path(folder, name, path);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, path);
}
