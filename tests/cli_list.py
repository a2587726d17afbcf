"""clact list and clact devices: what they tell, as text and as JSON."""
import json
import re

from cli_case import Case, DeviceCase


class List(Case):
    def test_json_has_every_fact(self):
        rows = json.loads(self.good("list", "--json"))
        self.assertEqual(len(rows), 36)
        by_name = {row["name"]: row for row in rows}
        self.assertEqual(len(by_name), 36)
        for row in rows:
            self.assertEqual(set(row), {"name", "aliases", "formula", "derivative", "params",
                                        "reads", "reads_y_where", "kinks", "domain",
                                        "ulps"})
            self.assertEqual(list(row["ulps"]), ["fast", "accurate"])
            for tier, most in (("fast", 4.0), ("accurate", 1.0)):
                self.assertEqual(list(row["ulps"][tier]), ["forward", "backward"])
                self.assertLessEqual(max(row["ulps"][tier].values()), most)
            self.assertIn(row["reads"], (["x"], ["x", "y"]))
            for param in row["params"]:
                self.assertLessEqual(param["min"], param["default"])
                self.assertLessEqual(param["default"], param["max"])
        self.assertEqual(by_name["leaky_relu"]["params"],
                         [{"name": "slope", "default": 0.01, "min": -1e6, "max": 1e6}])
        self.assertEqual(by_name["leaky_relu"]["reads_y_where"], "slope >= 0")
        self.assertEqual(by_name["sigmoid"]["reads_y_where"], None)
        self.assertEqual(by_name["step"]["aliases"], ["heaviside", "binary_step"])
        self.assertEqual(by_name["relu6"]["kinks"], [0.0, 6.0])
        self.assertEqual(by_name["sqrt"]["domain"], {"min": 0.0, "max": None})
        self.assertEqual(by_name["tanh"]["domain"], {"min": None, "max": None})

    def test_text_is_one_line_a_row(self):
        text = self.good("list")
        self.assertRegex(text, r"^NAME +PARAMETERS +READS +FAST +ACCURATE +FORMULA\n")
        for row in json.loads(self.good("list", "--json")):
            bounds = " +".join(f"{b['forward']:g}/{b['backward']:g}" for b in row["ulps"].values())
            self.assertRegex(text,
                             rf"(?m)^{row['name']} .* {bounds} +{re.escape(row['formula'])}$")

    def test_bounds_in_words(self):
        for name in ("gelu", "relu_squared", "abs"):
            text = self.good("list", name)
            for tier, bounds in json.loads(self.good("list", "--json", name))[0]["ulps"].items():
                words = [f"at most {b:g} ulp" if b else "exact" for b in bounds.values()]
                self.assertRegex(text, rf"{tier} +forward {words[0]}, backward {words[1]}\n")
            self.assertRegex(text, r"rounded once: at most 0\.5\d* and 0\.5\d* ulp")

    def test_named_rows_by_alias_in_order_once(self):
        rows = json.loads(self.good("list", "--json", "Heaviside", "GELU-tanh", "step"))
        self.assertEqual([row["name"] for row in rows], ["step", "gelu_tanh"])
        text = self.good("list", "softshrink")
        for words in ("softshrink", "lambda = 0.5, from 0 to 1e+06", "x = -0.5, 0.5", "reads x\n"):
            self.assertIn(words, text)


class Devices(DeviceCase):
    def test_devices(self):
        devices = json.loads(self.good("devices", "--json"))
        text = self.good("devices")
        self.assertEqual([d["index"] for d in devices], list(range(len(devices))))
        self.assertEqual(sum(d["default"] for d in devices), 1)
        for device in devices:
            marker = r"\*" if device["default"] else " "
            name = re.escape(device["name"])
            self.assertRegex(text, rf"(?m)^{marker} {device['index']}  {name}$")
            self.assertGreater(device["global_bytes"], 0)
            self.assertIn(device["vector_width"], (1, 2, 4, 8, 16))
        gpus = [d["index"] for d in devices if d["type"] == "GPU"]
        chosen = [d["index"] for d in devices if d["default"]]
        self.assertEqual(chosen, gpus[:1] or [0])
