/* csv_table.c: a CSV file as rows of text, with the line each row began on. */
#include "csv_table.h"

#include "cli_common.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    csv_table table;
    size_t num_cells, cell_room, row_room, text_used, text_room;
    size_t row_cells, line, row_line; /* fields of this row, line now, line the row began on */
    const char *name;
    bool failed;
    char *message;
    size_t message_size;
} reader;

static bool make_room(void **array, size_t count, size_t *room, size_t element) {
    if (count < *room) return true;
    const size_t wanted = *room ? 2 * *room : 64;
    void *larger = realloc(*array, wanted * element);
    if (!larger) return false;
    *array = larger;
    *room = wanted;
    return true;
}

static void fail(reader *r, const char *what, size_t line) {
    if (!r->failed) cli_fail(r->message, r->message_size, "%s, line %zu: %s", r->name, line, what);
    r->failed = true;
}

static void on_field(void *text, size_t length, void *data) {
    reader *r = data;
    void *cells = r->table.cells;
    if (r->failed) return;
    const bool room = make_room(&cells, r->num_cells, &r->cell_room, sizeof *r->table.cells);
    r->table.cells = cells;
    if (!room || length >= r->text_room - r->text_used) {
        fail(r, "out of memory", r->line);
        return;
    }
    char *copy = r->table.text + r->text_used;
    if (length > 0) memcpy(copy, text, length);
    copy[length] = '\0';
    r->text_used += length + 1;
    if (r->row_cells == 0) r->row_line = r->line;
    for (size_t i = 0; i < length; i++)
        r->line += copy[i] == '\n'; /* quoted */
    r->table.cells[r->num_cells++] = copy;
    r->row_cells++;
}

static void on_row(int end, void *data) {
    reader *r = data;
    csv_table *t = &r->table;
    void *lines = t->lines;
    if (r->failed) return;
    if (r->row_cells > 0) {
        const size_t index = t->columns == 0 ? 0 : 1 + t->rows;
        if (t->columns == 0)
            t->columns = r->row_cells;
        else
            t->rows++;
        if (r->row_cells != t->columns) {
            cli_fail(r->message, r->message_size,
                     "%s, line %zu: %zu fields where the header has %zu", r->name, r->row_line,
                     r->row_cells, t->columns);
            r->failed = true;
            return;
        }
        const bool room = make_room(&lines, index, &r->row_room, sizeof *t->lines);
        t->lines = lines;
        if (!room) {
            fail(r, "out of memory", r->line);
            return;
        }
        t->lines[index] = r->row_line;
    }
    r->row_cells = 0;
    r->line += end == '\n';
}

bool csv_table_parse(const char *name, const char *text, size_t length, csv_table *out,
                     char *message, size_t message_size) {
    reader r = {.name = name, .line = 1, .message = message, .message_size = message_size};
    struct csv_parser parser;
    *out = (csv_table){0};
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* UTF-8 byte order mark */
        text += 3;
        length -= 3;
    }
    /* a cell is no longer than its text in the file, and the comma or line end after it makes room
     * for its '\0' */
    r.text_room = length + 2;
    r.table.text = malloc(r.text_room);
    if (!r.table.text) return cli_fail(message, message_size, "%s: out of memory", name);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
        free(r.table.text);
        return cli_fail(message, message_size, "%s: the CSV reader could not start", name);
    }
    if (csv_parse(&parser, text, length, on_field, on_row, &r) != length)
        fail(&r, csv_strerror(csv_error(&parser)), r.line);
    else if (csv_fini(&parser, on_field, on_row, &r) != 0)
        fail(&r, "a quoted field is never closed", r.line);
    csv_free(&parser);
    if (!r.failed && r.table.columns == 0) fail(&r, "the file is empty", 1);
    if (r.failed) {
        csv_table_free(&r.table);
        return false;
    }
    *out = r.table;
    return true;
}

void csv_table_free(csv_table *table) {
    free(table->cells);
    free(table->lines);
    free(table->text);
    *table = (csv_table){0};
}
