/* train_help.h: the text of `clact train --help`. */
#ifndef TRAIN_HELP_H
#define TRAIN_HELP_H

/* In parts, because C promises no longer strings */
enum { TRAIN_HELP_PARTS = 2 };
extern const char *const train_help[TRAIN_HELP_PARTS];

#endif
