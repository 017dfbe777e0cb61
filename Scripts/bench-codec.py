#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# The baseline of bench-codec.sh: the least a Python server must do with the same 2016 frames.
# Header, check byte, items by struct, cell voltages to floats; no sentinels, no stream search.
import functools, operator, struct, time


def frame(number):
    cells = [3600 + (i * 37 + number * 101) % 200 for i in range(100)]
    unit = bytes([26, 3, 14, 9, 26, number % 60, 1]) + bytes([255] * 20)
    unit += bytes([7, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    unit += bytes([8, 1, 1]) + struct.pack(">HHHHB", 3700, 10123, 100, 1, 100) + struct.pack(">100H", *cells)
    unit += bytes([9, 1, 1, 0, 16]) + bytes([65] * 16)
    body = bytes([2, 0xFE]) + b"XTEST000000000042" + bytes([1]) + struct.pack(">H", len(unit)) + unit
    return b"##" + body + bytes([functools.reduce(operator.xor, body)]), sum(cells)


def decode(data):
    length = struct.unpack_from(">H", data, 22)[0]
    assert functools.reduce(operator.xor, data[2:24 + length]) == data[24 + length]
    place, total, end = 30, 0.0, 24 + length
    while place < end:
        kind = data[place]
        if kind == 1:
            struct.unpack_from(">BBBHIHHBBBHBB", data, place + 1)
            place += 21
        elif kind == 7:
            place += 10
        elif kind == 8:
            count = data[place + 11]
            total = sum(v / 1000 for v in struct.unpack_from(f">{count}H", data, place + 12))
            place += 12 + 2 * count
        else:
            count = struct.unpack_from(">H", data, place + 3)[0]
            [v - 40 for v in data[place + 5:place + 5 + count]]
            place += 5 + count
    return total


frames = [frame(n) for n in range(200)]
best = 1e9
for _ in range(3):
    start = time.perf_counter()
    for _ in range(10):
        for data, expected in frames:
            assert abs(decode(data) - expected / 1000) < 1e-6
    best = min(best, time.perf_counter() - start)
print(f"python struct 2016: {int(2000 / best)} frames/s, the same frames, best of 3")
