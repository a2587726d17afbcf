/* train_products.h: whose matrix products, as users write it. */
#ifndef TRAIN_PRODUCTS_H
#define TRAIN_PRODUCTS_H

#include <clact/net.h>

bool train_products_parse(const char *text, clact_products *products, char *message, size_t size);

#endif
