/* csv_table.h: a CSV file as rows of text, with the line each row began on; libcsv reads it. */
#ifndef CSV_TABLE_H
#define CSV_TABLE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct csv_table {
    size_t columns, rows; /* rows do not count the header */
    char **cells;         /* (1 + rows) x columns, the header first */
    size_t *lines;        /* 1 + rows: line numbers, from 1 */
    char *text;           /* holds the cells */
} csv_table;

/* Every row must have as many fields as the header; empty lines are passed over. */
bool csv_table_parse(const char *name, const char *text, size_t length, csv_table *out,
                     char *message, size_t message_size);

void csv_table_free(csv_table *table);

#endif
