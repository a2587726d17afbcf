/* table.h (L0): the table of activations as the library reads it. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "clact/clact.h"

/* Whether a and b meet the row's rule together. Ranges are not looked at. */
bool table_params_agree(clact_activation activation, const float params[CLACT_MAX_PARAMS]);

/* Whether backward may read y for these parameters. */
bool table_y_is_legal(clact_activation activation, const float params[CLACT_MAX_PARAMS]);

/* What backward may read that is smaller than x and y, as the table writes it. */
typedef enum table_compact {
    COMPACT_NO_COMPACT,
    COMPACT_MASK,   /* one bit an element */
    COMPACT_TAIL,   /* sigma(-|z|) with the sign of x */
    COMPACT_NOTHING /* the derivative is constant */
} table_compact;
table_compact table_compact_of(clact_activation activation);

/* The two conditions as the table writes them, with a and b for the parameters. */
const char *table_rule_text(clact_activation activation);
const char *table_y_text(clact_activation activation);

#endif
