/* test_figure.c: scales, ticks, places of legends and drawings in characters. */
#include "figure/figure.h"
#include "figure/figure_key.h"
#include "figure/figure_scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static figure_series points(const double *x, const double *y, size_t count, figure_style style) {
    return (figure_series){.name = "s", .x = x, .y = y, .count = count, .style = style};
}

/* The texts of all ticks that have one. */
static void join_ticks(const figure_scale *scale, char text[512]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < scale->num_ticks; i++) {
        assert_true(scale->ticks[i].at >= scale->min && scale->ticks[i].at <= scale->max);
        if (i > 0) assert_true(scale->ticks[i].at > scale->ticks[i - 1].at);
        if (scale->ticks[i].text[0])
            used += (size_t)snprintf(text + used, 512 - used, "%s%s", used ? " " : "",
                                     scale->ticks[i].text);
    }
}

static void check_ticks(figure_axis y_axis, double least, double greatest, const char *wanted) {
    const double x[] = {0.0, 1.0}, y[] = {least, greatest};
    const figure_series series = points(x, y, 2, FIGURE_LINE);
    const figure_panel panel = {.y = y_axis, .series = &series, .num_series = 1};
    figure_scale along, up;
    char text[512];
    figure_find_scales(&panel, 6, 6, &along, &up);
    join_ticks(&up, text);
    assert_string_equal(text, wanted);
    assert_true(isfinite(up.min) && isfinite(up.max) && up.min < up.max);
    if (isfinite(least) && (!y_axis.log || least > 0.0))
        assert_true(figure_place(&up, least) >= 0.0);
}

static void ticks_are_round_numbers(void **state) {
    const figure_axis plain = {.label = NULL}, logarithmic = {.log = true};
    (void)state;
    check_ticks(plain, 0.0, 1.0, "0.0 0.2 0.4 0.6 0.8 1.0");
    check_ticks(plain, -6.0, 6.0, "-5 0 5");
    check_ticks(plain, 0.971, 0.98, "0.972 0.974 0.976 0.978 0.980");
    check_ticks(plain, 0.0, 0.0, "0.0 0.2 0.4 0.6 0.8 1.0");
    check_ticks(plain, 3.0, 3.0, "2 3 4");
    check_ticks(plain, -3.0, -3.0, "-4 -3 -2");
    check_ticks(plain, 0.0, 4e9, "0 1e+09 2e+09 3e+09 4e+09");
    check_ticks(plain, 0.0, 3e-7, "0 1e-07 2e-07 3e-07");
    check_ticks(plain, NAN, INFINITY, "0.0 0.2 0.4 0.6 0.8 1.0");
    check_ticks(logarithmic, 0.003, 0.7, "0.01 0.1 1");
    check_ticks(logarithmic, 0.3, 4.0, "0.2 0.5 1 2 5");
    check_ticks(logarithmic, 1e-12, 1e3, "1e-12 1e-09 1e-06 0.001 1 1000");
    check_ticks(logarithmic, 5.0, 5.0, "2 5 10");
    check_ticks(logarithmic, -1.0, 10.0, "5 10 20");
    check_ticks(logarithmic, -1.0, 0.0, "1 2 5 10");
}

static void given_ends_hold(void **state) {
    const double x[] = {0.0, 1.0, 2.0}, y[] = {5.0, 7.0, 900.0};
    const figure_series series = points(x, y, 3, FIGURE_LINE);
    figure_panel panel = {
        .x = {.min = NAN, .max = 1.0}, .y = {.min = -2.0, .max = NAN}, .series = &series};
    figure_scale along, up;
    (void)state;
    panel.num_series = 1;
    figure_find_scales(&panel, 6, 6, &along, &up);
    assert_true(along.min == 0.0 && along.max == 1.0);
    assert_true(up.min == -2.0 && up.max > 7.0 && up.max < 8.0); /* 900 lies beyond x */
    panel.y = (figure_axis){.min = 1.0, .max = 3.0};
    figure_find_scales(&panel, 6, 6, &along, &up);
    assert_true(up.min == 1.0 && up.max == 3.0);
    panel.y = (figure_axis){.min = 0.0, .max = 100.0, .log = true};
    figure_find_scales(&panel, 6, 6, &along, &up);
    assert_true(up.min == 5.0 && up.max == 100.0);
}

static void whole_numbers_have_whole_ticks(void **state) {
    const double x[] = {1.0, 2.0, 3.0}, y[] = {0.0, 0.0, 0.0};
    const figure_series series = points(x, y, 3, FIGURE_LINE);
    const figure_panel panel = {.series = &series, .num_series = 1};
    figure_scale along, up;
    char text[512];
    (void)state;
    figure_find_scales(&panel, 10, 6, &along, &up);
    join_ticks(&along, text);
    assert_string_equal(text, "1 2 3");
}

static void bars_begin_at_zero_and_have_room(void **state) {
    const double x[] = {0.0, 1.0, 2.0}, y[] = {5.0, 6.0, 7.0};
    const char *const names[] = {"a", "b", "c"};
    const figure_series series[] = {points(x, y, 3, FIGURE_BARS), points(x, y, 3, FIGURE_BARS)};
    const figure_panel panel = {
        .x = {.names = names, .num_names = 3}, .series = series, .num_series = 2};
    figure_scale along, up;
    double spacing = 0.0;
    char text[512];
    (void)state;
    figure_find_scales(&panel, 6, 6, &along, &up);
    assert_true(up.min == 0.0 && along.min <= -0.5 && along.max >= 2.5);
    assert_int_equal(figure_count_bars(&panel, &spacing), 2);
    assert_true(spacing == 1.0);
    join_ticks(&along, text);
    assert_string_equal(text, "a b c");
}

static void the_legend_goes_where_nothing_is(void **state) {
    const double x[] = {0.0, 1.0}, up[] = {0.0, 1.0}, down[] = {1.0, 0.0}, high[] = {1.0, 1.0},
                 low[] = {0.0, 0.0};
    figure_series series[] = {points(x, up, 2, FIGURE_LINE), points(x, down, 2, FIGURE_LINE)};
    figure_panel panel = {.series = series, .num_series = 1};
    figure_scale along, across;
    (void)state;
    figure_find_scales(&panel, 6, 6, &along, &across);
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.3), FIGURE_TOP_LEFT);
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.65), FIGURE_OUTSIDE);
    panel.num_series = 2;
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.3), FIGURE_OUTSIDE);
    series[0].style = FIGURE_POINTS; /* only its ends are covered */
    series[1].count = 0;
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.3), FIGURE_TOP_LEFT);
    series[0] = points(x, high, 2, FIGURE_LINE);
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.3), FIGURE_BOTTOM_RIGHT);
    series[1] = points(x, low, 2, FIGURE_LINE);
    series[1].count = 2;
    assert_int_equal(figure_find_corner(&panel, &along, &across, 0.3, 0.3), FIGURE_OUTSIDE);
}

static void a_stretch_without_points_counts_too(void **state) {
    const double x[] = {0.0, 0.5, 1.0}, y[] = {0.6, 1.0, 0.6};
    const figure_series series = points(x, y, 3, FIGURE_LINE);
    const figure_panel panel = {.y = {.min = 0.0, .max = 1.0}, .series = &series, .num_series = 1};
    figure_scale along, up;
    (void)state;
    figure_find_scales(&panel, 6, 6, &along, &up);
    assert_int_equal(figure_find_corner(&panel, &along, &up, 0.3, 0.3), FIGURE_BOTTOM_RIGHT);
}

static void check_text(const figure *f, int width, int height, const char *wanted) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    figure_text(f, stream, width, height);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, wanted);
    free(text);
}

static void bars_in_characters(void **state) {
    const double x[] = {0.0, 1.0}, y[] = {4.0, 1.0}, z[] = {2.0, NAN};
    const char *const names[] = {"one", "two"};
    figure_series series[] = {points(x, y, 2, FIGURE_BARS), points(x, z, 2, FIGURE_BARS)};
    const figure_panel panel = {.title = "Bars",
                                .x = {.names = names, .num_names = 2},
                                .y = {.min = 0.0, .max = 4.0},
                                .series = series,
                                .num_series = 2};
    const figure f = {.panels = &panel, .num_panels = 1};
    (void)state;
    check_text(&f, 32, 8,
               "               Bars\n"
               "4 -    ****\n"
               "  |    ****\n"
               "2 -    ****++++\n"
               "  |    ****++++    ****\n"
               "0 -    ****++++    ****\n"
               "  +--------|-----------|--------\n"
               "          one         two\n"
               "   * s   + s\n");
}

static void lines_in_characters(void **state) {
    const double x[] = {-2.0, 0.0, 1.0, 2.0}, y[] = {-2.0, 0.0, NAN, 2.0};
    const figure_series series = points(x, y, 4, FIGURE_LINE);
    const figure_panel panel = {.y = {.min = -2.0, .max = 2.0},
                                .axes_through_origin = true,
                                .series = &series,
                                .num_series = 1};
    const figure f = {.title = "A line\nwith a gap", .panels = &panel, .num_panels = 1};
    (void)state;
    check_text(&f, 32, 8,
               "       A line with a gap\n"
               " 2                -            *\n"
               "                  |\n"
               "                  |\n"
               " 0  |-----------***------------|\n"
               "            ****  |\n"
               "       *****      |\n"
               "-2  ***           -\n"
               "   -2             0            2\n"
               "    * s\n");
}

static void nothing_at_all(void **state) {
    const figure_panel panel = {.title = "None"};
    const figure f = {.panels = &panel, .num_panels = 1};
    (void)state;
    check_text(&f, 0, 0,
               "               None\n"
               "1 -\n"
               "  |\n"
               "  |\n"
               "  |\n"
               "0 -\n"
               "  +|---------------------------|\n"
               "   0                           1\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers),
        cmocka_unit_test(given_ends_hold),
        cmocka_unit_test(whole_numbers_have_whole_ticks),
        cmocka_unit_test(bars_begin_at_zero_and_have_room),
        cmocka_unit_test(the_legend_goes_where_nothing_is),
        cmocka_unit_test(a_stretch_without_points_counts_too),
        cmocka_unit_test(bars_in_characters),
        cmocka_unit_test(lines_in_characters),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
