/* cache_folder.h (L1): a folder of kept binaries as a whole: what is in it, and how much may be. */
#ifndef CORE_CACHE_FOLDER_H
#define CORE_CACHE_FOLDER_H

#include <stdint.h>

enum { CACHE_FOLDER_MAX = 256 << 20 }; /* bytes that a folder may come to hold */

/* Removes clact's files, the longest unused first, until at most `limit` bytes are left; before
 * them what writers left more than an hour ago. */
void cache_folder_trim(const char *folder, uint64_t limit);

#endif
