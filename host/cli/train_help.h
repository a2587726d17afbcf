/* train_help.h: the text of `clact train --help`. */
#ifndef TRAIN_HELP_H
#define TRAIN_HELP_H

extern const char train_help[];

#endif
