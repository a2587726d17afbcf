/* bench_help.c: what clact-bench says of itself: the help and the names the filters accept. */
#include "bench_options.h"

void bench_options_help(FILE *out) {
    fputs(
        "Usage: clact-bench [options]\n"
        "\n"
        "Measures every activation, forward and backward, and holds each kernel against the\n"
        "fastest copy of the same bytes, run in turn with it. With --op copy: those copies. With\n"
        "--op sweep: fused passes, each beside the chain of single passes that does the same. "
        "With\n"
        "--op dense: each layer of a network; with --op train: a step of forward, backward, "
        "update.\n"
        "\n"
        "What is measured\n"
        "  --activation NAME[,NAME...]  these activations only (aliases work; default: all,\n"
        "                               for sweeps relu, silu and gelu, for layers relu)\n"
        "  --op OP[,OP...]              forward, backward, copy, sweep, dense, train (default: "
        "the\n"
        "                               first two), or overhead, or update: optimizer steps\n"
        "  --size N[,N...]              elements: 65536, 64K, 1M, 2^20 (default: 2^20,2^24), or\n"
        "                               2^10..2^26, which doubles, or 2^10..2^26:4\n"
        "  --shape RxC[,RxC...]         of a sweep, rows x columns (default: 4096x4096,128x512);\n"
        "                               of a network, batch x inputs x units of each layer "
        "(default:\n"
        "                               128x784x512x256x10)\n"
        "  --pass PASS[,PASS...]        these fused passes only (default: all that --list shows)\n"
        "  --tier TIER                  one of:" CLI_TIER_NAMES " both (default: fast)\n"
        "  --dtype TYPE[,TYPE...]       element types, of:" CLI_DTYPE_NAMES " (default: f32)\n"
        "  --saved x|y                  what backward reads; y leaves out the activations\n"
        "                               that cannot (default: x)\n"
        "  --peer PEER[,PEER...]        measure beside it: onednn (forward, backward), openblas\n"
        "                               (dense), torch (train; CLACT_PYTHON names the Python)\n"
        "  --threads N                  for PoCL and every peer (default: all that PoCL takes)\n"
        "  --device SELECTOR            a number or a part of a device's name (default: the\n"
        "                               first GPU, else the first device)\n"
        "  --no-cache                   compile anew, and keep nothing; see clact cache --help\n"
        "  --tuning FILE                of clact tune, or none (default: the device's own)\n"
        "\n"
        "How long\n"
        "  --repetitions N              at least N turns of kernel, copy (and chain) for a\n"
        "                               row (default: 7)\n"
        "  --min-time SECONDS           and at least so long (default: 0.1; 0 when\n"
        "                               --repetitions is given)\n"
        "\n"
        "Results beside the table; they appear complete or not at all\n"
        "  --json FILE                  Google-Benchmark format; - is standard output and\n"
        "                               leaves out the table\n"
        "  --csv FILE                   one line for each row; - as above\n"
        "  --html FILE                  a report with tables and pictures, in one file; - as "
        "above\n"
        "  --roofline FILE              its pictures alone, as SVG: the roofline and, where three\n"
        "                               sizes are measured, rates by size; - as above\n"
        "\n"
        "Results that are stored, with no device; no other options go with these\n"
        "  --from FILE[,FILE...]        take what --json has written and write --html, --roofline\n"
        "                               of all together; rows of other libraries, such as those\n"
        "                               of bench/torch_gpu.py, stand beside ours\n"
        "  --compare OLD NEW            hold two --json files against each other, row by row: by\n"
        "                               the shares of the copy where both have them, else by\n"
        "                               time; by medians and by least times, which must agree\n"
        "  --margin M                   what a row may lose (default: 0.05)\n"
        "\n",
        out);
    fputs("  --list                       the names that these options take, then exit\n"
          "  --version                    the version, then exit\n"
          "  --help                       this text, then exit\n",
          out);
    fputs(
        "\n"
        "Times of the table are device times (profiling events) but for 'wall', which runs from\n"
        "the enqueue to the end of clFinish. Bytes moved are those of the arrays: an element is\n"
        "moved twice forward (x, y), three times backward (saved, dy, dx); the copy reads half of\n"
        "the bytes and writes half.\n"
        "So a share can exceed 1: backward writes only a third, and step's need not read dy.\n"
        "\n"
        "Sweeps run fused pass, copy, chain (and the pass without health) in turn; their times "
        "are\n"
        "wall times, since several kernels make up a pass. Least bytes count each tensor of a "
        "call\n"
        "once: bias rows and their gradients, a bit of mask for each element, 56 bytes of health\n"
        "for each column; an accumulated gradient twice; scratch not at all. The chain's are the\n"
        "sum over its calls: bias, activation, dropout, product and residual each alone, in place\n"
        "after the first; backward from what such a forward chain leaves (x + bias, and for a "
        "gate\n"
        "also value + bias and act(x + bias)), with clact_sum_columns for a bias gradient. The "
        "copy\n"
        "is that of the fused pass's least bytes. In float32 and float64 the chain must leave the\n"
        "same bits as the fused pass, or nothing is measured.\n"
        "Overhead has calls of 1024 elements (or --size) and an empty kernel of one work-item on "
        "the\n"
        "same queue, in turn: each waited for, and 64 enqueued before the wait. The ratio is the\n"
        "median over the turns. It writes no files.\n"
        "\n"
        "A peer's results must be near ours, or nothing is measured; rows it has no function for "
        "are\n"
        "measured without it. It runs on the same arrays, on the CPU, in turn with the kernel and "
        "the\n"
        "copy. Before each of them the threads of all come to rest and launches that are not "
        "counted\n"
        "wake its own; of short ones so many in a row are timed together that they take 2 ms "
        "(layers\n"
        "and steps 20 ms). PoCL's threads and oneDNN's stay each on one core then (POCL_AFFINITY=0 "
        "in\n"
        "the environment lets PoCL's go); PyTorch's sleep while they wait (OMP_WAIT_POLICY). A "
        "layer\n"
        "beside OpenBLAS is its products and plain loops on one core for bias and activation.\n"
        "\n"
        "Compile times are those of this run; a driver may have kept kernels of an earlier one.\n"
        "Programs from the cache folder of clact are counted apart, and take no compile time.\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage. Of --compare: 1 a row is slower beyond the\n"
        "margin, 2 wrong usage or a file that cannot be used.\n",
        out);
}

void bench_options_list(FILE *out) {
    fprintf(out, "peers:");
    for (int i = 0; i < BENCH_PEER_COUNT; ++i)
        fprintf(out, " %s", bench_peer_name((bench_peer)i));
    fprintf(out, "\noperations:");
    for (int i = 0; i < BENCH_OP_COUNT; ++i)
        fprintf(out, " %s", bench_op_name((bench_op)i));
    fputs("\ntiers:" CLI_TIER_NAMES " both\ntypes:" CLI_DTYPE_NAMES "\n", out);
    fputs("passes:", out);
    for (size_t row = 0; row < bench_pass_count(); ++row)
        fprintf(out, "%s %s", row == 6 ? "\n       " : "", bench_pass_row_name(row));
    fprintf(out, "\n\n%-14s %-6s %s\n", "activation", "saved", "aliases");
    for (int i = 0; i < CLACT_ACT_COUNT; ++i) {
        clact_sweep sweep;
        clact_activation_info info;
        if (clact_sweep_init(&sweep, (clact_activation)i) != CLACT_SUCCESS ||
            clact_activation_query((clact_activation)i, &info) != CLACT_SUCCESS)
            continue;
        sweep.saved = CLACT_SAVED_Y;
        const bool reads_y = clact_sweep_check(&sweep, true) == CLACT_SUCCESS;
        fprintf(out, "%-14s %s", info.name, reads_y ? "x|y" : "x");
        if (info.aliases[0]) fprintf(out, "%*s", reads_y ? 4 : 6, "");
        for (const char *letter = info.aliases; *letter; ++letter)
            fputs(*letter == '|' ? ", " : (char[]){*letter, '\0'}, out);
        fputc('\n', out);
    }
}
