/* cache_folder.c (L1): a folder of kept binaries as a whole: what is in it, and how much may be. */
#include "cache_folder.h"

#include "clact/clact.h"
#include "disk_cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct folder_entry {
    char name[DISK_NAME];
    disk_kind kind;
    uint64_t bytes;
    struct timespec used;
} folder_entry;

typedef struct folder_list {
    folder_entry *entries; /* clact's */
    size_t count, capacity;
    size_t foreign;
} folder_list;

static bool add_entry(folder_list *list, const char *folder, const char *name, bool quick) {
    char path[DISK_PATH];
    struct stat facts;
    const disk_kind kind = disk_cache_inspect(folder, name, quick);
    if (kind == DISK_FOREIGN || !disk_cache_path(folder, name, path) || lstat(path, &facts) != 0) {
        list->foreign++;
        return true;
    }
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 64;
        folder_entry *larger = realloc(list->entries, capacity * sizeof *larger);
        if (!larger) return false;
        list->entries = larger;
        list->capacity = capacity;
    }
    folder_entry *entry = &list->entries[list->count++];
    *entry = (folder_entry){.kind = kind, .bytes = (uint64_t)facts.st_size, .used = facts.st_mtim};
    memcpy(entry->name, name, strlen(name) + 1);
    return true;
}

/* No folder is an empty one. The caller frees list->entries, also after an error. */
static clact_status list_folder(const char *folder, bool quick, folder_list *list) {
    *list = (folder_list){0};
    errno = 0;
    DIR *open_folder = opendir(folder);
    if (!open_folder) return errno == ENOENT ? CLACT_SUCCESS : CLACT_FILE;
    clact_status status = CLACT_SUCCESS;
    for (const struct dirent *e; status == CLACT_SUCCESS && (e = readdir(open_folder));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            !add_entry(list, folder, e->d_name, quick))
            status = CLACT_MEMORY;
    closedir(open_folder);
    return status;
}

static bool remove_entry(const char *folder, const folder_entry *entry) {
    char path[DISK_PATH];
    return disk_cache_path(folder, entry->name, path) && (unlink(path) == 0 || errno == ENOENT);
}

static int longest_unused_first(const void *left, const void *right) {
    const folder_entry *a = left, *b = right;
    if (a->used.tv_sec != b->used.tv_sec) return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    return a->used.tv_nsec < b->used.tv_nsec ? -1 : a->used.tv_nsec > b->used.tv_nsec;
}

void cache_folder_trim(const char *folder, uint64_t limit) {
    enum { HOUR = 3600 };
    folder_list list;
    uint64_t total = 0;
    const time_t now = time(NULL);
    if (list_folder(folder, true, &list) == CLACT_SUCCESS && list.count > 0) {
        for (size_t i = 0; i < list.count; i++)
            total += list.entries[i].bytes;
        qsort(list.entries, list.count, sizeof *list.entries, longest_unused_first);
        for (size_t i = 0; i < list.count; i++) {
            const folder_entry *entry = &list.entries[i];
            const bool is_stale = entry->used.tv_sec < now - HOUR;
            const bool goes = entry->kind == DISK_LEFTOVER ? is_stale : total > limit;
            if (goes && remove_entry(folder, entry)) total -= entry->bytes;
        }
    }
    free(list.entries);
}

clact_status clact_cache_query(const char *folder, clact_cache_info *info) {
    folder_list list;
    if (!folder || !info || info->struct_size != sizeof *info) return CLACT_INVALID_ARGUMENT;
    *info = (clact_cache_info){.struct_size = sizeof *info};
    const clact_status status = list_folder(folder, false, &list);
    for (size_t i = 0; i < list.count && status == CLACT_SUCCESS; i++) {
        const folder_entry *entry = &list.entries[i];
        const int64_t used = (int64_t)entry->used.tv_sec;
        info->bytes += entry->bytes;
        info->leftovers += entry->kind == DISK_LEFTOVER;
        info->unusable += entry->kind == DISK_UNUSABLE;
        if (entry->kind != DISK_WHOLE) continue;
        if (info->programs == 0 || used < info->oldest) info->oldest = used;
        if (info->programs == 0 || used > info->newest) info->newest = used;
        info->programs++;
    }
    info->foreign = list.foreign;
    free(list.entries);
    return status;
}

clact_status clact_cache_clear(const char *folder, size_t *removed) {
    folder_list list;
    if (removed) *removed = 0;
    if (!folder) return CLACT_INVALID_ARGUMENT;
    clact_status status = list_folder(folder, true, &list);
    for (size_t i = 0; i < list.count && status == CLACT_SUCCESS; i++) {
        if (!remove_entry(folder, &list.entries[i]))
            status = CLACT_FILE;
        else if (removed)
            ++*removed;
    }
    free(list.entries);
    return status;
}
