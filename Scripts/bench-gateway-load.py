#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# The load of bench-gateway.sh: many vehicles in one process that send prepared reports of 100 cells and
# 24 probes (313 bytes), each a window at a time. Prints the rate and how long the vehicles wait from the write of
# a window until its last report is acknowledged, which is when it is durable.
#
#   Scripts/bench-gateway-load.py NAME PORT VEHICLES REPORTS WINDOW
import asyncio, functools, operator, sys, time

name = sys.argv[1]
port, vehicles, reports, window = map(int, sys.argv[2:6])
FIRST = 1_555_321_350


def wire_time(seconds):
    t = time.gmtime(seconds + 8 * 3600)
    return bytes([t.tm_year - 2000, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec])


def frame(command, vin, unit):
    body = bytes([command, 0xFE]) + vin + b"\x01" + len(unit).to_bytes(2, "big") + unit
    return b"##" + body + bytes([functools.reduce(operator.xor, body)])


UNIT = (bytes(6)
        + bytes([1, 1, 3, 1, 0, 100, 0, 0, 0x27, 0x10, 0x0F, 0xA0, 0x27, 0x10, 80, 1, 0x0E, 0x27, 0x10, 10, 0])
        + b"\x08\x01\x01\x0d\xb8\x27\x10\x00\x64\x00\x01\x64" + b"".join((3900 + i % 7).to_bytes(2, "big") for i in range(100))
        + bytes([5, 0, 0x07, 0x36, 0x35, 0x40, 0x01, 0xD9, 0x05, 0xC0]) + bytes([7] + [0] * 9)
        + bytes([9, 1, 1, 0, 24] + [65] * 24))
times = [wire_time(FIRST + n) for n in range(reports + 1)]
done, total, waits, online = 0, vehicles * reports, [], 0


class Vehicle(asyncio.Protocol):
    """One vehicle. Every answer has 25 bytes and six of time."""

    def __init__(self, number):
        self.vin, self.sent, self.rest, self.pending, self.is_online = b"LTEST%012d" % number, 0, 0, 1, False
        whole = frame(2, self.vin, UNIT)
        self.head, self.tail, self.check = whole[:24], whole[30:-1], whole[-1]

    def connection_made(self, transport):
        self.transport = transport
        transport.write(frame(1, self.vin, times[0] + b"\x00\x01" + b"0" * 20 + b"\x01\x00"))

    def connection_lost(self, _):
        if self.pending:
            sys.exit("load: a connection was lost")

    def data_received(self, data):
        global done, online
        answers, self.rest = divmod(self.rest + len(data), 31)
        self.pending -= answers
        if not self.is_online:
            self.is_online, online = True, online + 1
            if online == vehicles:
                everyone.set()
            return
        done += answers
        if self.pending == 0:
            waits.append(time.perf_counter() - self.began)
            self.send()
        if done >= total:
            finished.set()

    def send(self):
        count = min(window, reports - self.sent)
        parts = []
        for _ in range(count):
            self.sent += 1
            stamp = times[self.sent]
            check = self.check
            for byte in stamp:
                check ^= byte
            parts += [self.head, stamp, self.tail, bytes([check])]
        if count > 0:
            self.pending, self.began = count, time.perf_counter()
            self.transport.write(b"".join(parts))


async def main():
    global everyone, finished
    everyone, finished = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    fleet = []
    for number in range(vehicles):
        # Loopback has more than one address; each has ports for itself.
        _, vehicle = await loop.create_connection(
            lambda number=number: Vehicle(number), "127.0.0.1", port, local_addr=(f"127.0.0.{2 + number // 4000}", 0))
        fleet.append(vehicle)
    await everyone.wait()
    began = time.perf_counter()
    for vehicle in fleet:
        vehicle.send()
    await finished.wait()
    rate = total / (time.perf_counter() - began)
    waits.sort()
    print(f"{name}: {vehicles} vehicles, window {window}: {rate:.0f} frames/s durable, {total} frames; a vehicle waits "
          f"{waits[len(waits) // 2] * 1e3:.0f} ms for a window (median), p99 {waits[len(waits) * 99 // 100] * 1e3:.0f} ms")


asyncio.run(main())
