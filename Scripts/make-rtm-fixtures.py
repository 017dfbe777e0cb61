#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# Writes random reports with the numbers that the independent decoder rtm_con (PyPI) reads from them,
# the fixture of FrameTextTests/IndependentDecoderTests. Numbers stand in wire order, item by item. Then every
# other command that rtm_con knows, with what it reads as a list of texts.
#
#   .tools/venv/bin/pip install rtm_con
#   .tools/venv/bin/python Scripts/make-rtm-fixtures.py
import datetime, functools, json, operator, os, pathlib, random, time

os.environ["TZ"] = "UTC"
time.tzset()

import rtm_con
from rtm_con import DataItem

random.seed(32960)


def u(size, top, sentinels=True):
    """A number of a width: mostly in range, sometimes a sentinel."""
    ones = (1 << 8 * size) - 1
    value = random.randint(0, top)
    if sentinels and random.random() < 0.12:
        value = ones - random.randint(0, 1)
    return value.to_bytes(size, "big")


def number(top=250):
    return bytes([random.randint(1, top)])


def state(n):
    return bytes([random.choice(list(range(1, n + 1)) + [0xFE, 0xFF])])


def codes():
    n = random.randint(0, 3)
    return bytes([n]) + random.randbytes(4 * n)


def items(new):
    wide = 60000
    yield b"\x01" + state(3) + state(4) + state(3) + u(2, 2200) + u(4, 9999999) + u(2, 10000) + u(2, 20000) \
        + u(1, 100) + state(2) + bytes([random.randint(0, 63)]) + u(2, wide) + (b"" if new else u(1, 100) + u(1, 101))
    n = random.randint(1, 3)
    yield b"\x02" + bytes([n]) + b"".join(
        number() + state(4) + u(1, 250) + u(2, 65531) + (u(4, 400000) if new else u(2, 65531)) + u(1, 250)
        + (b"" if new else u(2, wide) + u(2, 20000)) for _ in range(n))
    yield b"\x04" + (u(2, wide) if new else state(2) + u(2, wide) + u(2, wide))
    # East and north: rtm_con leaves the signs to its reader.
    yield b"\x05" + bytes([random.randint(0, 1)]) + (bytes([random.randint(1, 3)]) if new else b"") \
        + u(4, 180000000) + u(4, 90000000)
    if not new:
        yield b"\x06" + b"".join(number() + number() + u(2, 15000) for _ in range(2)) \
            + b"".join(number() + number() + u(1, 250) for _ in range(2))
    yield (b"\x06" if new else b"\x07") + bytes([random.randint(0, 3)]) + random.randbytes(4) + codes() + codes() \
        + codes() + codes() + (b"\x00" if new else b"")
    n, m = random.randint(1, 3), random.randint(1, 40)
    cells = lambda: b"".join(u(2, wide) for _ in range(m))
    if new:
        yield b"\x07" + bytes([n]) + b"".join(number(50) + u(2, wide) + u(2, wide) + m.to_bytes(2, "big") + cells()
                                              for _ in range(n))
    else:
        yield b"\x08" + bytes([n]) + b"".join(number() + u(2, 10000) + u(2, 20000) + u(2, 65531) + b"\x00\x01"
                                              + bytes([m]) + cells() for _ in range(n))
    yield (b"\x08" if new else b"\x09") + bytes([n]) + b"".join(
        number(50) + m.to_bytes(2, "big") + b"".join(u(1, 250) for _ in range(m)) for _ in range(n))


def frame(new):
    chosen = list(items(new))
    random.shuffle(chosen)
    unit = bytes([26, random.randint(1, 12), random.randint(1, 28), 9, 26, 53]) + b"".join(chosen)
    if new:  # rtm_con wants a signature in every 2025 report
        unit += b"\xff\x01\x00\x20" + random.randbytes(32) + b"\x00\x20" + random.randbytes(32)
    body = bytes([2, 0xFE]) + b"XTEST000000000042" + b"\x01" + len(unit).to_bytes(2, "big") + unit
    return (b"$$" if new else b"##") + body + bytes([functools.reduce(operator.xor, body)])


def numbers(value, out, old_cells=False, key=""):
    if isinstance(value, DataItem):
        if value.valid is False:
            out.append("abnormal")
        elif value.valid is None:
            out.append("invalid")
        elif key == "insulation_resistance" and value.value >= 0xFFFE:
            # The 2016 text defines no sentinels for it; the range ends at 60000, so ours reads them.
            out.append("invalid" if value.value == 0xFFFF else "abnormal")
        else:
            # Known wrong in rtm_con: the 2016 cell item's current has an offset of -1000 A.
            out.append(round(value.value + (2000 if old_cells and key == "curr" else 0), 6))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("gear_state", "gnss_state", "general_warnings", "general_warning_list", "_io"):
                numbers(inner, out, old_cells, name)
    elif isinstance(value, list):
        for inner in value:
            numbers(inner, out, old_cells, key)
    elif isinstance(value, str) and key.endswith("failures"):
        out.append(int(value, 16))
    elif isinstance(value, int) and type(value) is int:
        out.append(value)


frames = []
for turn in range(60):
    data = frame(turn % 2 == 1)
    message = rtm_con.msg.parse(data)
    listed = []
    for item in message.payload.data_list:
        out = []
        numbers(item.data_content, out, turn % 2 == 0 and int(item.data_type) == 8)
        listed.append(out)
    frames.append({"hex": data.hex(), "numbers": listed})


def stamp():
    return bytes([random.randint(0, 99), random.randint(1, 12), random.randint(1, 28), random.randint(0, 23),
                  random.randint(0, 59), random.randint(0, 59)])


def text(length):
    return bytes(random.choice(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(length))


def other(new, command, unit, flag=0xFE):
    body = bytes([command, flag]) + text(17) + b"\x01" + len(unit).to_bytes(2, "big") + unit
    return (b"$$" if new else b"##") + body + bytes([functools.reduce(operator.xor, body)])


def commands():
    for new in (False, True):
        for _ in range(4):
            n = random.randint(0, 4)
            if new:
                packs = [random.randint(0, 3) for _ in range(n)]
                rest = bytes([n]) + bytes(packs) + b"".join(text(24) for _ in range(sum(packs)))
            else:
                m = random.randint(1, 24)
                rest = bytes([n, m]) + b"".join(text(m) for _ in range(n))
            yield other(new, 1, stamp() + u(2, 65531, False) + text(20) + rest)
            yield other(new, 4, stamp() + u(2, 65531, False))
            yield other(new, 6, stamp() + u(2, 65531, False))
            user, password = random.randint(1, 12), random.randint(1, 20)
            yield other(new, 5, stamp() + u(2, 65531, False) + text(user) + bytes(12 - user) + text(password)
                        + bytes(20 - password) + bytes([random.randint(1, 5 if new else 3)]))
            if new:
                signature = random.choice([b"\x01\x00\x20" + random.randbytes(32) + b"\x00\x20" + random.randbytes(32),
                                           b"\x02\x01\x00" + random.randbytes(256) + b"\x00\x00"])
                k = random.choice([33, 65, 270])
                yield other(new, 9, stamp() + text(16) + k.to_bytes(2, "big") + random.randbytes(k) + text(17) + signature)
                yield other(new, 10, bytes([random.randint(1, 2), random.randint(1, 3)]))
                k = random.choice([16, 256])
                yield other(new, 11, bytes([random.randint(2, 5)]) + k.to_bytes(2, "big") + random.randbytes(k) + stamp() + stamp())


def texts(value, out):
    """What rtm_con reads, in wire order, as texts."""
    if isinstance(value, datetime.datetime):
        out.append(str(int(value.replace(tzinfo=datetime.timezone.utc).timestamp())))
    elif isinstance(value, dict):
        for name, inner in value.items():
            # Counts and lengths show in the lists and bytes that they belong to.
            if not name.startswith("_") and name not in ("bms_total", "pack_sn_len", "pack_per_bms", "payload_key_len"):
                texts(inner, out)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            texts(inner, out)
    elif hasattr(value, "intvalue"):
        out.append(str(value.intvalue))
    elif isinstance(value, bytes):
        out.append(value.hex())
    else:
        out.append(str(value))


others = []
for data in commands():
    out = []
    texts(rtm_con.msg.parse(data).payload, out)
    others.append({"hex": data.hex(), "texts": out})

target = pathlib.Path(__file__).parent.parent / "Tests/FrameTextTests/Resources/rtm-con.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps({"made_by": "Scripts/make-rtm-fixtures.py with rtm_con", "frames": frames, "others": others},
                             separators=(",", ":")) + "\n")
print(f"{target.name}: {len(frames)} reports, {sum(len(i) for f in frames for i in f['numbers'])} numbers; {len(others)} other frames")
