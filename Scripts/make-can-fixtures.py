#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# Writes random frames with the values that cantools (PyPI) decodes, the fixture of the CAN tests.
#
#   .tools/venv/bin/pip install cantools
#   .tools/venv/bin/python Scripts/make-can-fixtures.py
import json, math, pathlib, random, struct

import cantools

folder = pathlib.Path(__file__).parent.parent / "Tests/TelemetryCodecTests/Resources"
database = cantools.database.load_file(folder / "bus.dbc", strict=False)
random.seed(20)
frames = []
for message in database.messages:
    for turn in range(30):
        data = bytearray(random.randrange(256) for _ in range(message.length))
        if message.name == "CellVoltages":
            data[0] = turn % 3
        if message.name == "Extended":
            data[0] = random.choice([0, 1, 2, 7, 9]) | random.choice([0, 3, 4, 6, 8]) << 4
        if message.name == "Floats":
            data[0:4] = struct.pack("<f", random.uniform(-1e6, 1e6))
            data[4:8] = struct.pack(">f", random.gauss(0, 1))
            data[8:16] = struct.pack("<d", random.gauss(0, 1e9))
        try:
            values = message.decode(bytes(data), decode_choices=False)
        except cantools.database.errors.DecodeError:
            continue  # a switch value that selects nothing is an error there, nothing here
        assert all(math.isfinite(v) for v in values.values())
        frames.append({"id": message.frame_id, "extended": message.is_extended_frame, "data": data.hex(),
                       "values": {k: float(v) for k, v in values.items()}})
(folder / "can.json").write_text(json.dumps({"made_by": "Scripts/make-can-fixtures.py", "frames": frames}) + "\n")
print(f"can.json: {len(frames)} frames, {sum(len(f['values']) for f in frames)} values")
