/* table.h (L0): the table of activations as the library reads it. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "clact/clact.h"

/* Whether a and b meet the row's rule together. Ranges are not looked at. */
bool table_params_agree(clact_activation activation, const float params[CLACT_MAX_PARAMS]);

/* Whether backward may read y for these parameters. */
bool table_y_is_legal(clact_activation activation, const float params[CLACT_MAX_PARAMS]);

/* The two conditions as the table writes them, with a and b for the parameters. */
const char *table_rule_text(clact_activation activation);
const char *table_y_text(clact_activation activation);

#endif
