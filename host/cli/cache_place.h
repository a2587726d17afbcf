/* cache_place.h: where the programs keep compiled kernels. */
#ifndef CACHE_PLACE_H
#define CACHE_PLACE_H

enum { CACHE_PLACE_SIZE = 4096 };

/* $XDG_CACHE_HOME/clact, or else $HOME/.cache/clact, written to `folder`, which is returned. NULL
 * where neither variable holds an absolute path: then there is no cache. */
const char *cache_place(char folder[CACHE_PLACE_SIZE]);

#endif
