/* figure_text.c: a figure in characters; see figure.h.
 *
 * Each panel is a sheet of cells in which the axes are drawn first, then the series in turn, then
 * the numbers; it is printed row by row, without spaces at the ends.
 */
#include "figure.h"

#include "figure_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WIDTH = 32, LEAST_HEIGHT = 8, MOST = 1000 };

static const char marks[] = "*+ox#@%&=$~^";

typedef struct sheet {
    char *cells;
    int width, height; /* of all */
    int left, columns; /* the columns of the data */
    int rows;          /* of the data, from the top */
    const figure_scale *x, *y;
    bool do_cross;
} sheet;

/* ---- Texts ----------------------------------------------------------------------------------- */

static int width_of(const char *text) {
    int width = 0;
    while (*text)
        width += (*text++ & 0xC0) != 0x80;
    return width;
}

static void print_text(const char *text, FILE *stream) {
    for (; *text; text++)
        putc((unsigned char)*text < ' ' || *text == 127 ? ' ' : *text, stream);
}

/* In the middle of columns left to left + width. */
static void print_middle(const char *text, int left, int width, FILE *stream) {
    const int before = left + (width - width_of(text)) / 2;
    fprintf(stream, "%*s", before > 0 ? before : 0, "");
    print_text(text, stream);
    putc('\n', stream);
}

/* ---- Cells ----------------------------------------------------------------------------------- */

static void put_cell(sheet *s, int column, int row, char mark) {
    if (column >= 0 && column < s->width && row >= 0 && row < s->height)
        s->cells[row * s->width + column] = mark;
}

static bool has_place(double place) {
    return place >= -1e-9 && place <= 1.0 + 1e-9;
}

static int column_of(const sheet *s, double place) {
    return s->left + (int)lround(place * (s->columns - 1));
}

static int row_of(const sheet *s, double place) {
    return (int)lround((1.0 - place) * (s->rows - 1));
}

static void put_mark(sheet *s, double x, double y, char mark) {
    if (has_place(x) && has_place(y)) put_cell(s, column_of(s, x), row_of(s, y), mark);
}

/* ---- Axes ------------------------------------------------------------------------------------ */

static void draw_axes(sheet *s) {
    const int column = s->do_cross ? column_of(s, figure_place(s->x, 0.0)) : s->left - 1;
    const int row = s->do_cross ? row_of(s, figure_place(s->y, 0.0)) : s->rows;
    for (int i = 0; i < s->columns; i++)
        put_cell(s, s->left + i, row, '-');
    for (int i = 0; i < s->rows; i++)
        put_cell(s, column, i, '|');
    for (size_t i = 0; i < s->x->num_ticks; i++)
        if (s->x->ticks[i].text[0])
            put_cell(s, column_of(s, figure_place(s->x, s->x->ticks[i].at)), row, '|');
    for (size_t i = 0; i < s->y->num_ticks; i++)
        if (s->y->ticks[i].text[0])
            put_cell(s, column, row_of(s, figure_place(s->y, s->y->ticks[i].at)), '-');
    put_cell(s, column, row, '+');
}

/* Numbers of y to the left of all; those of x below all, as far as there is room. */
static void write_numbers(sheet *s) {
    const int row = s->height - 1;
    int from = 0;
    for (size_t i = 0; i < s->y->num_ticks; i++) {
        const figure_tick *tick = &s->y->ticks[i];
        const int length = (int)strlen(tick->text);
        for (int c = 0; c < length; c++)
            put_cell(s, s->left - 2 - length + c, row_of(s, figure_place(s->y, tick->at)),
                     tick->text[c]);
    }
    for (size_t i = 0; i < s->x->num_ticks; i++) {
        const figure_tick *tick = &s->x->ticks[i];
        const int length = (int)strlen(tick->text);
        int start = column_of(s, figure_place(s->x, tick->at)) - length / 2;
        if (start + length > s->width) start = s->width - length;
        if (start < from || length == 0) continue;
        for (int c = 0; c < length; c++)
            put_cell(s, start + c, row, tick->text[c]);
        from = start + length + 1;
    }
}

/* ---- Series ---------------------------------------------------------------------------------- */

static void draw_stretch(sheet *s, double x0, double y0, double x1, double y1, char mark) {
    const double columns = fabs(x1 - x0) * s->columns, rows = fabs(y1 - y0) * s->rows;
    const double cells = fmin(ceil(fmax(columns, rows)), 4.0 * MOST);
    const int steps = cells < 1.0 ? 1 : (int)cells;
    for (int i = 0; i <= steps; i++) {
        const double t = (double)i / steps;
        put_mark(s, x0 + t * (x1 - x0), y0 + t * (y1 - y0), mark);
    }
}

static void draw_bar(sheet *s, double x, double y, int offset, char mark) {
    const double base = s->y->is_log ? 0.0 : fmin(fmax(figure_place(s->y, 0.0), 0.0), 1.0);
    const double end = fmin(fmax(y, 0.0), 1.0);
    if (!has_place(x) || isnan(y)) return;
    const int from = row_of(s, fmax(base, end)), to = row_of(s, fmin(base, end));
    for (int row = from; row <= to; row++)
        put_cell(s, column_of(s, x) + offset, row, mark);
}

/* Bars are a column wide, or as many as there is room for. */
static void draw_bars(sheet *s, const figure_panel *panel, size_t place, char mark) {
    const figure_series *series = &panel->series[place];
    double spacing = 1.0;
    const int bars = (int)figure_count_bars(panel, &spacing);
    const double room = spacing / (s->x->max - s->x->min) * s->columns;
    const int wide = room * 0.7 / bars >= 2.0 ? (int)(room * 0.7 / bars) : 1;
    int before = 0;
    for (size_t i = 0; i < place; i++)
        before += panel->series[i].style == FIGURE_BARS;
    for (size_t i = 0; i < series->count; i++)
        for (int c = 0; c < wide; c++)
            draw_bar(s, figure_place(s->x, series->x[i]), figure_place(s->y, series->y[i]),
                     before * wide + c - bars * wide / 2, mark);
}

static void draw_series(sheet *s, const figure_panel *panel, size_t place, char mark) {
    const figure_series *series = &panel->series[place];
    double x0 = NAN, y0 = NAN;
    if (series->style == FIGURE_BARS) {
        draw_bars(s, panel, place, mark);
        return;
    }
    for (size_t i = 0; i < series->count; i++) {
        const double x = figure_place(s->x, series->x[i]), y = figure_place(s->y, series->y[i]);
        if (isnan(x) || isnan(y) || isnan(x0) || isnan(y0) || series->style == FIGURE_POINTS)
            put_mark(s, x, y, mark);
        else
            draw_stretch(s, x0, y0, x, y, mark);
        x0 = x;
        y0 = y;
    }
}

/* ---- Panels ---------------------------------------------------------------------------------- */

static void print_sheet(const sheet *s, FILE *stream) {
    for (int row = 0; row < s->height; row++) {
        const char *cells = s->cells + row * s->width;
        int length = s->width;
        while (length > 0 && cells[length - 1] == ' ')
            length--;
        fprintf(stream, "%.*s\n", length, cells);
    }
}

static void print_legend(const figure_panel *panel, int left, int width, FILE *stream) {
    int used = 0;
    for (size_t i = 0; i < panel->num_series; i++) {
        const char *name = panel->series[i].name;
        if (!name) continue;
        const int needed = width_of(name) + (used > left ? 5 : 2);
        if (used > 0 && used + needed > width) putc('\n', stream), used = 0;
        fprintf(stream, "%*s", used == 0 ? left : 3, "");
        if (used == 0) used = left;
        fprintf(stream, "%c ", marks[i % (sizeof marks - 1)]);
        print_text(name, stream);
        used += needed;
    }
    if (used > 0) putc('\n', stream);
}

static int widest_number(const figure_scale *scale) {
    int widest = 0;
    for (size_t i = 0; i < scale->num_ticks; i++) {
        const int length = (int)strlen(scale->ticks[i].text);
        if (length > widest) widest = length;
    }
    return widest;
}

static void print_panel(const figure_panel *panel, int width, int height, FILE *stream) {
    figure_scale x, y;
    height -= (panel->title != NULL) + (panel->x.label != NULL) + (panel->y.label != NULL);
    if (height < LEAST_HEIGHT - 3) height = LEAST_HEIGHT - 3;
    figure_find_scales(panel, width / 10, height / 4 + 1, &x, &y);
    sheet s = {.width = width, .height = height, .x = &x, .y = &y};
    s.left = widest_number(&y) + 2;
    s.columns = width - s.left;
    s.do_cross = figure_axes_cross(panel, &x, &y);
    s.rows = height - (s.do_cross ? 1 : 2);
    s.cells = malloc((size_t)width * (size_t)height);
    if (!s.cells || s.columns < 2) {
        fputs("(no room for a panel)\n", stream);
        free(s.cells);
        return;
    }
    memset(s.cells, ' ', (size_t)width * (size_t)height);
    draw_axes(&s);
    for (size_t i = 0; i < panel->num_series; i++)
        draw_series(&s, panel, i, marks[i % (sizeof marks - 1)]);
    write_numbers(&s);
    if (panel->title) print_middle(panel->title, s.left, s.columns, stream);
    if (panel->y.label) print_text(panel->y.label, stream), putc('\n', stream);
    print_sheet(&s, stream);
    if (panel->x.label) print_middle(panel->x.label, s.left, s.columns, stream);
    print_legend(panel, s.left, width, stream);
    free(s.cells);
}

void figure_text(const figure *f, FILE *stream, int width, int height) {
    if (width < LEAST_WIDTH) width = LEAST_WIDTH;
    if (height < LEAST_HEIGHT) height = LEAST_HEIGHT;
    if (width > MOST) width = MOST;
    if (height > MOST) height = MOST;
    if (f->title) print_middle(f->title, 0, width, stream);
    for (size_t i = 0; i < f->num_panels; i++) {
        if (i > 0 || (f->title && f->panels[i].title)) putc('\n', stream);
        print_panel(&f->panels[i], width, height, stream);
    }
}
