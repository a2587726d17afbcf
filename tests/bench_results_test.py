"""What clact-bench does with results that are stored: report, picture, comparison. No device.

CLACT_BENCH names the program, TORCH_GPU the script that times PyTorch.
"""

import copy
import json
import os
import subprocess
import sys
import unittest

from bench_compare import Compare, Usage  # pylint: disable=unused-import
from bench_stored_case import BENCH, SVG, Stored, document, row, swept

TORCH_GPU = os.environ.get("TORCH_GPU", "")


class Report(Stored):
    def test_page_is_well_formed_and_has_the_facts_and_every_row(self):
        page, _ = self.render(swept())
        self.assertEqual(page.of("h1"), ["clact-bench: A device"])
        for fact in ("A device", "1.2", "A platform", "A host", "0123456789ab", "0.1.0",
                     "2026-01-02T03:04:05+00:00", "clact-bench --op forward"):
            self.assertIn(fact, page.of("dd"))
        self.assertEqual(page.of("h3"), [f"{op} of {2 ** power}, f32" for op in ("forward", "backward")
                                    for power in (10, 12, 14, 16, 18)])
        names = [text for text in page.of("th") if text in ("relu", "gelu", "tanh")]
        self.assertEqual(names, ["relu", "gelu", "tanh"] * 10)

    def test_numbers_are_those_of_the_rows(self):
        page, _ = self.render(document(row("forward/gelu/f32/fast/1000000", 400000.0, 0.25)))
        cells = page.of("td")
        # MB, least, median, GB/s, copy GB/s: 8 MB in 400 us, the copy in 100 us
        for text in ("8.00", "399.9", "400.0", "20.00", "80.00"):
            self.assertIn(text, cells)
        self.assertEqual(page.of("meter")[-1], "0.25")

    def test_page_needs_nothing_else(self):
        page, _ = self.render(swept())
        for tag, attributes in page.tags:
            self.assertNotIn(tag, ("script", "link", "img", "iframe", "object", "image", "use"))
            for name in ("src", "href", "srcset", "data", "xlink:href", "action"):
                self.assertNotIn(name, attributes)
        text = self.read("run.html")
        for word in ("url(", "@import"):
            self.assertNotIn(word, text)

    def test_summary_has_geometric_mean_and_least(self):
        page, _ = self.render(document(row("forward/relu/f32/fast/64", share=0.9),
                                       row("forward/gelu/f32/fast/64", share=0.4)))
        self.assertEqual(page.of("meter")[0], "0.60")
        self.assertIn("gelu", page.of("td"))

    def test_ratios_have_their_columns(self):
        page, _ = self.render(document(
            row("sweep/bias+act/f32/fast/64x64", chain_ratio=1.75),
            row("forward/relu/f32/fast/64", peer="onednn", peer_ratio=1.23, peer_wall_ratio=9.87,
                peer_gemm_ratio=4.56)))
        for title in ("× chain", "× onednn", "× onednn gemm"):
            self.assertIn(title, page.of("th"))
        for cell in ("1.75", "1.23", "4.56"):
            self.assertIn(cell, page.of("td"))
        self.assertNotIn("9.87", page.of("td"))

    def test_other_libraries_stand_beside_the_rows_they_match(self):
        torch = row("forward/gelu/f32//4096", 3000.0, library="torch eager")
        torch["name"] = "forward/gelu/f32/4096/library:torch-eager/real_time"
        other = copy.deepcopy(torch)
        other["name"] = "forward/mish/f32/4096/library:torch-eager/real_time"
        page, _ = self.render(document(row("forward/gelu/f32/fast/4096", 2000.0),
                                       row("forward/gelu/f32/accurate/4096", 4000.0),
                                       row("forward/gelu/f32/fast/64", 2000.0)),
                              document(torch, other, device="Another"))
        titles = [text for text in page.of("th") if "torch eager" in text]
        self.assertEqual(titles, ["torch eager, µs", "× torch eager"])
        for text in ("1.50", "0.75"):
            self.assertIn(text, page.of("td"))
        self.assertIn("Another", page.of("dd"))

    def test_everything_is_escaped(self):
        evil = "<script>alert('1')</script>&amp;\"\x01\ufffe"
        shown = "<script>alert('1')<"
        rows = [row(f"forward/relu/f32/fast/{size}") for size in (64, 256, 1024)]
        for at, one in enumerate(rows):
            one["name"] = one["name"].replace("relu", evil.replace("/", ""))
            one["tier"] = evil
        keys = ("device", "driver", "platform", "commit", "host", "date", "command",
                "clact_version", "library_build_type")
        page, picture = self.render(document(*rows, **{key: evil for key in keys}),
                                    document(row("forward/x/f32//64", library=evil)))
        text = self.read("run.html")
        self.assertNotIn("<script", text)
        self.assertNotIn("\x01", text + self.read("run.svg"))
        self.assertEqual([cell for cell in page.of("dd") if cell.startswith(shown)],
                         [evil.replace("\x01", "\ufffd").replace("\ufffe", "\ufffd")] * len(keys))
        self.assertTrue(any("<script>" in element.text for element in picture.iter(SVG + "text")))

    def test_runs_of_many_files_share_their_pictures(self):
        page, picture = self.render(swept(), document(row("sweep/bias+act/f32/fast/8x8")))
        self.assertIn("Results: run1.json", page.of("h2"))
        self.assertEqual(len(picture.findall(SVG + "svg")), 3)


class Picture(Stored):
    def charts(self, *documents):
        _, picture = self.render(*documents)
        return {chart.find(SVG + "title").text: chart for chart in picture.findall(SVG + "svg")}

    @staticmethod
    def texts(chart):
        return [element.text for element in chart.iter(SVG + "text")]

    def test_roofline_has_a_point_for_each_row_of_the_largest_size(self):
        chart = self.charts(swept())["Roofline of the passes"]
        points = [title.text for title in chart.iter(SVG + "title")][1:]
        self.assertEqual(sorted(point.split(", ")[0] for point in points),
                         sorted(["relu", "gelu", "tanh"] * 2))
        self.assertEqual({point.split(", ")[1].split(":")[0] for point in points}, {"262144"})
        # 2^18 elements in 2560 ns
        self.assertEqual({point.split(": ")[1] for point in points}, {"102.4"})

    def test_each_library_stands_in_it_at_its_own_largest_size(self):
        larger = row("forward/relu/f32//4194304", library="torch eager")
        chart = self.charts(swept(), document(larger))["Roofline of the passes"]
        for name in ("forward f32 fast", "forward f32 torch eager"):
            self.assertIn(name, self.texts(chart))

    def test_roof_is_the_copy(self):
        chart = self.charts(swept())["Roofline of the passes"]
        roofs = [text for text in self.texts(chart) if text.startswith("copy: ")]
        # forward: 8 x 2^18 bytes in 1280 ns, backward: 12 x 2^18; the median of both
        self.assertEqual(roofs, ["copy: %.4g GB/s" % (10 * 2 ** 18 / 1280)])

    def test_few_kernels_are_lines_and_many_a_band(self):
        charts = self.charts(swept())
        self.assertIn("gelu, fast", self.texts(charts["forward, f32: GB/s by size"]))
        many = document(*(row(f"forward/act{i}/f32/fast/{size}", 100.0 * (i + 1))
                          for i in range(9) for size in (64, 256, 1024)))
        texts = self.texts(self.charts(many)["forward, f32: GB/s by size"])
        self.assertIn("median and range, fast", texts)
        self.assertNotIn("act3, fast", texts)

    def test_kernels_of_fewer_sizes_are_left_out(self):
        more = swept()
        more["benchmarks"].append(row("forward/mish/f32/fast/1024"))
        texts = self.texts(self.charts(more)["forward, f32: GB/s by size"])
        self.assertNotIn("mish, fast", texts)
        two = document(row("forward/relu/f32/fast/64"), row("forward/relu/f32/fast/128"))
        self.assertEqual(list(self.charts(two)), ["Roofline of the passes"])

    def test_without_a_copy_there_is_no_roof(self):
        alone = swept()
        for one in alone["benchmarks"]:
            one.update(library="other", copy_median_ns=0)
        for chart in self.charts(alone).values():
            self.assertFalse([text for text in self.texts(chart) if text.startswith("copy")])

    def test_nothing_to_draw_is_an_error(self):
        bare = document(row("forward/relu/f32/fast/64"))
        del bare["benchmarks"][0]["bytes"]
        self.write("bare.json", bare)
        self.assert_refused(1, "nothing to draw", "--from", "bare.json", "--roofline", "x.svg")
        run = self.bench("--from", "bare.json", "--html", "x.html")
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_operations_are_counted_where_rows_have_them(self):
        products = [row(f"dense/relu/f32/fast/{size}", flops=1e6)
                    for size in ("64x64", "128x128x10")]
        for one in products:
            one["name"] = one["name"].replace("dense", "dense/forward")
            for key in ("elements", "copy_share", "copy_median_ns", "copy_min_ns"):
                del one[key]
        charts = self.charts(document(*products))
        self.assertEqual(list(charts), ["Roofline of the products"])
        texts = self.texts(charts["Roofline of the products"])
        self.assertIn("GFLOP/s", texts)
        self.assertFalse([text for text in texts if text.startswith("copy")])
        chart = self.charts(document(*products, *swept()["benchmarks"]))["Roofline of the products"]
        self.assertIn("copy: 2048 GB/s", self.texts(chart))
        points = [title.text for title in chart.iter(SVG + "title")][1:]
        self.assertEqual(points, ["forward relu, 64x64: 1000", "forward relu, 128x128x10: 1000"])

    def test_everything_lies_inside(self):
        for chart in self.charts(swept()).values():
            width, height = map(float, chart.get("viewBox").split()[2:])
            for text in chart.iter(SVG + "text"):
                self.assertTrue(0 <= float(text.get("x")) <= width)
                self.assertTrue(0 <= float(text.get("y")) <= height)
            for path in chart.iter(SVG + "path"):
                place = path.get("transform") or ""
                if place.startswith("translate("):
                    x, y = map(float, place[len("translate("):-1].split())
                    self.assertTrue(0 <= x <= width and 0 <= y <= height)


class Torch(Stored):
    """The script that times PyTorch, on the processor; only where PyTorch is."""

    def test_rows_match_ours(self):
        run = subprocess.run([sys.executable, TORCH_GPU, "--device", "cpu", "--activation",
                              "gelu,relu", "--size", "2^10,64", "--dtype", "f32",
                              "--repetitions", "2", "--min-time", "0", "--compile-time", "-1",
                              "--json", "torch.json"],
                             stderr=subprocess.PIPE, text=True, cwd=self.folder, check=False)
        if "No module named 'torch'" in run.stderr:
            self.skipTest("no PyTorch")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = json.loads(self.read("torch.json"))["benchmarks"]
        self.assertEqual([one["name"] for one in rows],
                         [f"{op}/{name}/f32/{size}/library:torch-eager/real_time"
                          for op in ("forward", "backward") for size in (1024, 64)
                          for name in ("gelu", "relu")])
        page, _ = self.render(swept(), json.loads(self.read("torch.json")))
        self.assertEqual(page.of("th").count("× torch eager"), 2)


def main():
    if not BENCH or not TORCH_GPU:
        sys.exit("set CLACT_BENCH to the program clact-bench and TORCH_GPU to torch_gpu.py")
    unittest.main()


if __name__ == "__main__":
    main()
