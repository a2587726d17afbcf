/* lab_report_parts.h: what a report holds. */
#ifndef LAB_REPORT_PARTS_H
#define LAB_REPORT_PARTS_H

#include "lab_report.h"

enum { LAB_MAX_TABLES = 6, LAB_MAX_PANELS = 9 };

struct lab_table {
    lab_report *report;
    const char *key;
    char *title;
    lab_column *columns;
    size_t num_columns;
    json_t *rows; /* an array of objects */
    size_t shown; /* of these, in the text */
};

struct lab_panel {
    lab_report *report;
    figure_panel drawn;
    figure_series *series;
    size_t num_series;
    char **places; /* names on the x axis, or NULL */
};

struct lab_report {
    const char *name;
    uint64_t seed;
    const char *lacks; /* what there was too little room for: NULL for nothing */
    lab_table tables[LAB_MAX_TABLES];
    lab_panel panels[LAB_MAX_PANELS];
    size_t num_tables, num_panels;
    json_t *facts, *sentences;
    figure_panel *drawn; /* of lab_report_figure */
};

#endif
