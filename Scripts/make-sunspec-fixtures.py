#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# Writes random registers of SunSpec models 802 and 803 with the values that pysunspec2 (PyPI) reads
# from them, the fixture of the SunSpec tests.
#
#   .tools/venv/bin/pip install pysunspec2
#   .tools/venv/bin/python Scripts/make-sunspec-fixtures.py
import json, pathlib, random, struct

import sunspec2.device as device
import sunspec2.mb as mb

random.seed(802)
models = []
for turn in range(20):
    number = 802 + turn % 2
    strings = 0 if number == 802 else random.randint(0, 3)
    definition = device.get_model_def(number)["group"]
    registers = []

    def fill(points):
        for point in points:
            kind = point["type"]
            if point["name"] in ("ID", "L"):
                continue
            if point["name"] == "NStr":
                registers.append(strings)
            elif kind == "sunssf":
                registers.append(random.choice([0, 1, 2, 0xFFFF, 0xFFFE, 0xFFFD]))
            elif kind == "pad":
                registers.append(0x8000)
            elif kind in ("uint32", "bitfield32"):
                value = 0xFFFFFFFF if random.random() < .2 else random.getrandbits(31)
                registers.extend([value >> 16, value & 0xFFFF])
            else:
                absent = 0x8000 if kind == "int16" else 0xFFFF
                registers.append(absent if random.random() < .2 else random.randrange(0x7FFF))

    fill(definition["points"])
    for _ in range(strings):
        fill(definition["groups"][0]["points"])
    registers = [number, len(registers)] + registers
    model = device.Model(number, data=struct.pack(f">{len(registers)}H", *registers))
    values = []

    def read(group, place):
        for name, point in group.points.items():
            if name in ("ID", "L") or point.pdef["type"] in ("sunssf", "pad") or point.cvalue is None:
                continue
            values.append([name, place, float(point.cvalue)])

    read(model, 0)
    for place, string in enumerate(model.groups.get("string", []), 1):
        read(string, place)
    models.append({"registers": registers, "values": values})
target = pathlib.Path(__file__).parent.parent / "Tests/TelemetryCodecTests/Resources/sunspec.json"
target.write_text(json.dumps({"made_by": "Scripts/make-sunspec-fixtures.py with pysunspec2", "models": models},
                             separators=(",", ":")) + "\n")
print(f"{target.name}: {len(models)} models, {sum(len(m['values']) for m in models)} values")
