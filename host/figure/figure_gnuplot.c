/* figure_gnuplot.c: a figure as a script and data for gnuplot; see figure_gnuplot.h. */
#include "figure_gnuplot.h"

#include "figure_key.h"
#include "figure_scale.h"

#include <math.h>
#include <string.h>

/* Okabe and Ito's colours without their yellow, which is hard to see on white. */
static const char *const colours[FIGURE_NUM_COLOURS] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                        "#E69F00", "#56B4E9", "#000000"};
/* filled circle, square, triangle, diamond and triangle upside down; a cross and a plus */
static const int marks[FIGURE_NUM_COLOURS] = {7, 5, 9, 13, 11, 2, 1};

#define TITLE_FONT " font ',14'"

enum {
    SINGLE_WIDTH = 800, /* pixels */
    SINGLE_HEIGHT = 560,
    PANEL_WIDTH = 580, /* of several */
    PANEL_HEIGHT = 400,
    TITLE_HEIGHT = 40,
    KEY_WIDTH = 9,     /* of a character in the legend */
    KEY_LINE = 21,     /* height of a line there */
    MARKS_OF_LINE = 9, /* about so many on a line of many points */
    SHORT_LABEL = 3,
    FILE_SIZE = 4096,
    MANY_LINES = 4 /* more get marks, so that not all hangs on the colours */
};

/* ---- Texts ----------------------------------------------------------------------------------- */

/* In single quotes gnuplot replaces nothing but the doubled quote. */
static void put_quoted(const char *text, FILE *stream) {
    putc('\'', stream);
    for (const char *at = text; *at; at++) {
        if (*at == '\'') putc('\'', stream);
        putc((unsigned char)*at < ' ' || *at == 127 ? ' ' : *at, stream);
    }
    putc('\'', stream);
}

/* The name of a file. gnuplot would run what stands after a first | or <, and replaces a ~ there.
 */
static void put_file(const char *name, FILE *stream) {
    char whole[FILE_SIZE];
    snprintf(whole, sizeof whole, "%s%s", strchr("|<~", name[0]) ? "./" : "", name);
    put_quoted(whole, stream);
}

/* The text of a tick is a format. */
static void put_tick_text(const char *text, FILE *stream) {
    char doubled[2 * FIGURE_TICK_SIZE];
    size_t used = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '%') doubled[used++] = '%';
        doubled[used++] = *at;
    }
    doubled[used] = '\0';
    put_quoted(doubled, stream);
}

static void put_setting(const char *name, const char *text, const char *options, FILE *stream) {
    if (!text) {
        fprintf(stream, "unset %s\n", name);
        return;
    }
    fprintf(stream, "set %s ", name);
    put_quoted(text, stream);
    fprintf(stream, "%s\n", options);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

static size_t columns_of(const figure *f) {
    const size_t suits = f->num_panels <= 1 ? 1 : f->num_panels <= 4 ? 2 : 3;
    const size_t wanted = f->columns ? f->columns : suits;
    return wanted < f->num_panels ? wanted : f->num_panels ? f->num_panels : 1;
}

static size_t rows_of(const figure *f) {
    return (f->num_panels + columns_of(f) - 1) / columns_of(f);
}

static void put_terminal(const figure *f, figure_format format, FILE *stream) {
    const bool is_single = f->num_panels <= 1;
    const size_t width = is_single ? SINGLE_WIDTH : columns_of(f) * PANEL_WIDTH;
    const size_t height =
        is_single ? SINGLE_HEIGHT : rows_of(f) * PANEL_HEIGHT + (f->title ? TITLE_HEIGHT : 0);
    switch (format) {
    case FIGURE_PNG:
        fprintf(stream, "set terminal pngcairo size %zu,%zu noenhanced background rgb 'white' ",
                width, height);
        fputs("font 'sans-serif,11'\n", stream);
        return;
    case FIGURE_PDF:
        fprintf(stream, "set terminal pdfcairo size %.2fin,%.2fin noenhanced ",
                0.01 * (double)width, 0.01 * (double)height);
        fputs("background rgb 'white' font 'sans-serif,11'\n", stream);
        return;
    default:
        fprintf(stream, "set terminal svg size %zu,%zu noenhanced background rgb 'white' ", width,
                height);
        fputs("font 'sans-serif,14'\n", stream);
    }
}

/* ---- Axes ------------------------------------------------------------------------------------ */

/* gnuplot's rounding of logarithms may lose a tick at the end of an axis, hence the little more. */
static void put_axis(char axis, const figure_scale *scale, const char *options, bool without_zero,
                     FILE *stream) {
    fprintf(stream, "%sset logscale %c\n", scale->is_log ? "" : "un", axis);
    const double more = scale->is_log ? 1e-9 : 0.0;
    fprintf(stream, "set %crange [%.10g:%.10g]\n", axis, scale->min * (1.0 - more),
            scale->max * (1.0 + more));
    fprintf(stream, "set %ctics %s (", axis, options);
    bool is_first = true;
    for (size_t i = 0; i < scale->num_ticks; i++) {
        const figure_tick *tick = &scale->ticks[i];
        if (without_zero && tick->at == 0.0) continue;
        fputs(is_first ? "" : ", ", stream);
        put_tick_text(tick->text, stream);
        fprintf(stream, " %.9g%s", tick->at, tick->text[0] ? "" : " 1");
        is_first = false;
    }
    fputs(")\n", stream);
}

/* Names that do not fit side by side are turned. */
static const char *turn_names(const figure_panel *panel, const figure_scale *x, size_t width) {
    const double room = (double)(width - 100) / (x->max - x->min); /* of a name */
    size_t before = 0;
    for (size_t i = 0; panel->x.names && i < panel->x.num_names; i++) {
        const size_t length = strlen(panel->x.names[i]);
        if (i > 0 && (double)((before + length) * KEY_WIDTH) * 0.5 + KEY_WIDTH > room)
            return " rotate by -40";
        before = length;
    }
    return " norotate";
}

/* A short label stands at the end of an axis through the origin, a long one beside the panel. */
static void put_end_label(char axis, const char *label, const char *place, FILE *stream) {
    char name[] = {axis, 'l', 'a', 'b', 'e', 'l', '\0'};
    const bool is_short = label && strlen(label) <= SHORT_LABEL;
    if (is_short) put_setting("label", label, place, stream);
    put_setting(name, is_short ? NULL : label, "", stream);
}

static void put_axes(const figure_panel *panel, const figure_scale *x, const figure_scale *y,
                     size_t width, FILE *stream) {
    char options[64];
    const bool do_cross = figure_axes_cross(panel, x, y);
    fputs("unset arrow\nunset label\n", stream);
    if (do_cross) {
        fputs("unset border\nset zeroaxis linetype 1 linecolor rgb 'black' linewidth 1.2\n",
              stream);
        fputs("set lmargin 4\nset rmargin 4\n", stream);
        put_end_label('x', panel->x.label, " at graph 1, first 0 left offset 1,0", stream);
        put_end_label('y', panel->y.label, " at first 0, graph 1 center offset 0,0.7", stream);
    } else {
        fputs("set border 3 linecolor rgb 'black'\nunset zeroaxis\n"
              "set lmargin -1\nset rmargin -1\n",
              stream);
        put_setting("xlabel", panel->x.label, "", stream);
        put_setting("ylabel", panel->y.label, "", stream);
    }
    snprintf(options, sizeof options, "%s scale 0.6,0.3%s",
             do_cross ? "axis" : "border nomirror out", turn_names(panel, x, width));
    put_axis('x', x, options, false, stream);
    snprintf(options, sizeof options, "%s scale 0.6,0.3",
             do_cross ? "axis" : "border nomirror out");
    put_axis('y', y, options, do_cross, stream);
    fprintf(stream, "set grid%s ytics back linetype 1 linecolor rgb '#E4E4E4' linewidth 1\n",
            panel->x.names ? " noxtics" : " xtics");
}

/* ---- Legend ---------------------------------------------------------------------------------- */

static void put_key(const figure_panel *panel, const figure_scale *x, const figure_scale *y,
                    size_t width, size_t height, bool is_single, FILE *stream) {
    static const char *const corners[] = {
        [FIGURE_TOP_RIGHT] = "inside top right",
        [FIGURE_TOP_LEFT] = "inside top left",
        [FIGURE_BOTTOM_RIGHT] = "inside bottom right",
        [FIGURE_BOTTOM_LEFT] = "inside bottom left",
    };
    size_t longest = 0;
    const size_t count = figure_count_names(panel, &longest);
    if (count == 0) {
        fputs("unset key\n", stream);
        return;
    }
    const double key_width = (double)(longest * KEY_WIDTH + 60) / (double)(width - 80);
    const double key_height = (double)(count * KEY_LINE + 10) / (double)(height - 90);
    const figure_corner corner = figure_find_corner(panel, x, y, key_width, key_height);
    const char *place = corner != FIGURE_OUTSIDE ? corners[corner]
                        : is_single              ? "outside right top"
                                                 : "outside below center horizontal height 1";
    fprintf(stream, "set key default %s%s\nset key Left reverse samplen 2.5 spacing 1.1 %s\n",
            place, corner == FIGURE_OUTSIDE && !is_single ? "" : " vertical",
            corner == FIGURE_OUTSIDE ? "" : "width 1");
}

/* ---- Series ---------------------------------------------------------------------------------- */

/* The style of dashes: each time the palette has gone round, another. */
static const char *dashes(figure_style style, size_t round) {
    static const char *const whole[] = {"1", "(14,4,3,4)", "(3,3)"};
    static const char *const dashed[] = {"(7,5)", "(7,4,2,4,2,4)", "(2,4)"};
    return style == FIGURE_DASHED ? dashed[round % 3] : whole[round % 3];
}

static bool has_many_lines(const figure_panel *panel) {
    bool is_used[FIGURE_NUM_COLOURS] = {false};
    size_t count = 0;
    for (size_t s = 0; s < panel->num_series; s++) {
        const size_t colour = figure_colour(&panel->series[s], s);
        if (panel->series[s].style != FIGURE_LINE && panel->series[s].style != FIGURE_DASHED)
            continue;
        count += !is_used[colour];
        is_used[colour] = true;
    }
    return count > MANY_LINES;
}

static void put_bars(const figure_panel *panel, size_t place, size_t colour, FILE *stream) {
    double spacing = 1.0;
    const size_t bars = figure_count_bars(panel, &spacing);
    const double width = 0.8 * spacing / (double)bars;
    size_t before = 0;
    for (size_t s = 0; s < place; s++)
        before += panel->series[s].style == FIGURE_BARS;
    const double offset = ((double)before - 0.5 * (double)(bars - 1)) * width;
    fprintf(stream, "using ($1+%.9g):2:(%.9g) with boxes fillstyle solid 0.85 noborder", offset,
            width);
    fprintf(stream, " linecolor rgb '%s'", colours[colour]);
}

static void put_style(const figure_panel *panel, size_t place, FILE *stream) {
    const figure_series *series = &panel->series[place];
    const size_t colour = figure_colour(series, place);
    const size_t round =
        (series->colour > 0 ? (size_t)series->colour - 1 : place) / FIGURE_NUM_COLOURS;
    if (series->style == FIGURE_BARS) {
        put_bars(panel, place, colour, stream);
        return;
    }
    const bool is_line = series->style == FIGURE_LINE || series->style == FIGURE_DASHED;
    const bool has_marks = !is_line || has_many_lines(panel);
    fprintf(stream, "using 1:2 with %s linecolor rgb '%s'",
            series->style == FIGURE_POINTS ? "points"
            : has_marks                    ? "linespoints"
                                           : "lines",
            colours[colour]);
    if (series->style != FIGURE_POINTS)
        fprintf(stream, " linewidth 2 dashtype %s", dashes(series->style, round));
    if (has_marks) fprintf(stream, " pointtype %d pointsize 0.7", marks[colour]);
    if (has_marks && series->style != FIGURE_POINTS && series->count > 4 * MARKS_OF_LINE)
        fprintf(stream, " pointinterval %zu", series->count / MARKS_OF_LINE + 3 * place);
}

/* index: of the next block of data. */
static void put_series(const figure_panel *panel, const char *data, size_t *index, FILE *stream) {
    fputs("plot", stream);
    for (size_t s = 0; s < panel->num_series; s++) {
        const figure_series *series = &panel->series[s];
        fputs(s ? ", \\\n     " : " ", stream);
        if (series->count > 0) {
            put_file(data, stream);
            fprintf(stream, " index %zu ", (*index)++);
            put_style(panel, s, stream);
        } else {
            fprintf(stream, "NaN with lines linecolor rgb '%s'", colours[figure_colour(series, s)]);
        }
        fputs(series->name ? " title " : " notitle", stream);
        if (series->name) put_quoted(series->name, stream);
    }
    fputs(panel->num_series ? "\n" : " NaN notitle\n", stream);
}

/* ---- Figure ---------------------------------------------------------------------------------- */

static void put_panel(const figure *f, size_t place, const char *data, size_t *index,
                      FILE *stream) {
    const figure_panel *panel = &f->panels[place];
    const bool is_single = f->num_panels == 1;
    const size_t width = is_single ? SINGLE_WIDTH : PANEL_WIDTH;
    const size_t height = is_single ? SINGLE_HEIGHT : PANEL_HEIGHT;
    const char *title = is_single && !panel->title ? f->title : panel->title;
    figure_scale x, y;
    figure_find_scales(panel, 8, 6, &x, &y);
    putc('\n', stream);
    put_setting("title", title, is_single && !(f->title && panel->title) ? TITLE_FONT : "", stream);
    put_axes(panel, &x, &y, width, stream);
    put_key(panel, &x, &y, width, height, is_single, stream);
    put_series(panel, data, index, stream);
}

void figure_put_script(const figure *f, figure_format format, const char *picture, const char *data,
                       FILE *stream) {
    const bool has_layout = f->num_panels > 1 || (f->title && f->panels[0].title);
    size_t index = 0;
    fputs("# Draws a figure: run `gnuplot` with the name of this file, in its folder.\n"
          "reset\nset encoding utf8\nset datafile separator tab\nset clip two\n",
          stream);
    put_terminal(f, format, stream);
    fputs("set output ", stream);
    put_file(picture, stream);
    putc('\n', stream);
    if (has_layout) {
        fprintf(stream, "set multiplot layout %zu,%zu", rows_of(f), columns_of(f));
        if (f->title) fputs(" title ", stream), put_quoted(f->title, stream);
        fputs(f->title ? TITLE_FONT "\n" : "\n", stream);
    }
    for (size_t p = 0; p < f->num_panels; p++)
        put_panel(f, p, data, &index, stream);
    fputs(has_layout ? "\nunset multiplot\nunset output\n" : "\nunset output\n", stream);
}

/* ---- Data ------------------------------------------------------------------------------------ */

static void put_number(double value, FILE *stream) {
    const bool is_float = fabs(value) <= 3.4e38 && (double)(float)value == value;
    if (isnan(value))
        fputs("NaN", stream);
    else
        fprintf(stream, is_float ? "%.9g" : "%.17g", value);
}

static void put_comment(size_t panel, const char *name, FILE *stream) {
    fprintf(stream, "# panel %zu", panel + 1);
    if (name) {
        fputs(": ", stream);
        put_quoted(name, stream);
    }
    putc('\n', stream);
}

void figure_put_data(const figure *f, FILE *stream) {
    for (size_t p = 0; p < f->num_panels; p++)
        for (size_t s = 0; s < f->panels[p].num_series; s++) {
            const figure_series *series = &f->panels[p].series[s];
            if (series->count == 0) continue;
            put_comment(p, series->name, stream);
            for (size_t i = 0; i < series->count; i++) {
                put_number(series->x[i], stream);
                putc('\t', stream);
                put_number(series->y[i], stream);
                putc('\n', stream);
            }
            fputs("\n\n", stream);
        }
}
