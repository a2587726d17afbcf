/* train_products.c: whose matrix products, as users write it. */
#include "train_products.h"

#include "cli_common.h"
#include "train_settings.h"

bool train_products_parse(const char *text, clact_products *products, char *message, size_t size) {
    const char *names[TRAIN_NUM_PRODUCTS];
    for (int i = 0; i < TRAIN_NUM_PRODUCTS; i++)
        names[i] = train_products_name(i);
    const int at = cli_find_word("library", text, names, TRAIN_NUM_PRODUCTS, message, size);
    if (at >= 0) *products = (clact_products)at;
    return at >= 0;
}
