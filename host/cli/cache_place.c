/* cache_place.c: where the programs keep compiled kernels. */
#include "cache_place.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The XDG base directory specification has relative paths ignored. */
static bool is_absolute(const char *path) {
    return path && path[0] == '/';
}

const char *cache_place(char folder[CACHE_PLACE_SIZE]) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = CACHE_PLACE_SIZE;
    if (is_absolute(cache))
        length = snprintf(folder, CACHE_PLACE_SIZE, "%s/clact", cache);
    else if (is_absolute(home))
        length = snprintf(folder, CACHE_PLACE_SIZE, "%s/.cache/clact", home);
    return length < CACHE_PLACE_SIZE ? folder : NULL;
}
