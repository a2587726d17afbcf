/* bench_html.c: results as one HTML file that needs nothing else. */
#include "bench_html.h"

#include <string.h>

#include "bench_html_table.h"
#include "bench_markup.h"

static const char html_style[] =
    "body{font:16px/1.45 system-ui,sans-serif;color:#222;background:#fff;max-width:75rem;"
    "margin:0 auto;padding:0 1rem 2rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #bbb}\n"
    "h3{font-size:1rem;margin:1.4rem 0 .3rem}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}\n"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:1rem}\n"
    ".charts svg{width:100%;height:auto;border:1px solid #ddd}\n"
    ".table{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}\n"
    "caption{text-align:left;color:#555;padding-bottom:.2rem}\n"
    "th,td{padding:.15rem .55rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid #e4e4e4}\n"
    "thead th{border-bottom:2px solid #888;vertical-align:bottom}\n"
    "th:first-child,th.t,td.t{text-align:left}tbody th{font-weight:normal}\n"
    "meter{width:5rem;height:.8em;vertical-align:middle}\n"
    "@media print{body{font-size:10pt;max-width:none;padding:0}.table{overflow:visible}\n"
    "h3,thead{break-after:avoid}tr,svg{break-inside:avoid}meter{display:none}}\n";

static const struct html_fact {
    const char *key, *title;
} html_facts[] = {
    {"device", "device"},
    {"driver", "driver"},
    {"platform", "platform"},
    {"opencl_version", "OpenCL"},
    {"compute_units", "compute units"},
    {"mhz_per_cpu", "MHz"},
    {"host", "host"},
    {"num_cpus", "host's processors"},
    {"clact_version", "clact"},
    {"commit", "commit"},
    {"library_build_type", "build"},
    {"library", "library"},
    {"date", "date"},
    {"command", "command"},
    {"compile_seconds", "compiling, s"},
    {"first_launch_seconds", "first launches, s"},
};

/* What the context says; of a second file only where it differs from the first. */
static void html_write_facts(FILE *out, const bench_results *results, const bench_results *first) {
    fputs("<dl>\n", out);
    for (size_t i = 0; i < sizeof html_facts / sizeof *html_facts; ++i) {
        const char *key = html_facts[i].key;
        char number[BENCH_WORD], first_number[BENCH_WORD];
        const char *text = bench_results_fact(results, key, number);
        if (*text == '\0' ||
            (results != first && strcmp(text, bench_results_fact(first, key, first_number)) == 0))
            continue;
        bench_markup_element(out, "dt", html_facts[i].title);
        bench_markup_element(out, "dd", text);
        fputc('\n', out);
    }
    fputs("</dl>\n", out);
}

static void html_write_head(FILE *out, const bench_results *first) {
    char number[BENCH_WORD];
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
          "clact-bench: ",
          out);
    bench_markup_text(out, bench_results_fact(first, "device", number));
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>clact-bench: ", html_style);
    bench_markup_text(out, bench_results_fact(first, "device", number));
    fputs("</h1>\n", out);
    html_write_facts(out, first, first);
}

static void html_write_picture(FILE *out, const bench_picture *picture) {
    if (picture->count == 0) return;
    fputs("<h2>Pictures</h2>\n"
          "<p>The black line is the roof: a copy of the same bytes, measured in turn with the "
          "kernels. In the roofline each operation stands at its largest size; a point's name "
          "shows where a pointer rests on it.</p>\n<div class=\"charts\">\n",
          out);
    for (size_t i = 0; i < picture->count; ++i)
        bench_svg_draw(out, &picture->charts[i], -1);
    fputs("</div>\n", out);
}

static void html_write_legend(FILE *out) {
    fputs("<h2>What the columns mean</h2>\n<dl>\n"
          "<dt>MB</dt><dd>the least bytes that the row must read and write</dd>\n"
          "<dt>least, median</dt><dd>times: of the device (profiling events), or by the wall clock "
          "where the caption says so</dd>\n"
          "<dt>share</dt><dd>time of a copy of the same bytes / time of the row, median over pairs "
          "run in turn</dd>\n"
          "<dt>chain</dt><dd>time of the chain of single passes / time of the fused pass</dd>\n"
          "<dt>health</dt><dd>time of the pass with health / time of the same without</dd>\n"
          "<dt>&times; another name</dt><dd>time of that library / time of the row: above 1 clact "
          "is the faster</dd>\n</dl>\n",
          out);
}

bool bench_html_write(FILE *out, const void *user) {
    const bench_page *page = user;
    html_write_head(out, &page->results[0]);
    html_write_picture(out, page->picture);
    bench_html_summary(out, page);
    for (size_t i = 0; i < page->count; ++i) {
        fputs("<h2>Results", out);
        if (page->count > 1) fputs(": ", out);
        if (page->count > 1) bench_markup_text(out, page->results[i].source);
        fputs("</h2>\n", out);
        if (i > 0) html_write_facts(out, &page->results[i], &page->results[0]);
        bench_html_tables(out, page, i);
    }
    html_write_legend(out);
    fputs("</body>\n</html>\n", out);
    return true;
}
