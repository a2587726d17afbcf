/* train_products.c: whose matrix products, as users write it. */
#include "train_products.h"

#include "cli_common.h"

bool train_products_parse(const char *text, clact_products *products, char *message, size_t size) {
    static const char *const names[] = {[CLACT_PRODUCTS_AUTO] = "auto",
                                        [CLACT_PRODUCTS_CLBLAST] = "clblast",
                                        [CLACT_PRODUCTS_OWN] = "own"};
    const int at = cli_find_word("kind of products", text, names, 3, message, size);
    if (at >= 0) *products = (clact_products)at;
    return at >= 0;
}
