#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# The baseline of bench-gateway.sh: the least that a Python gateway must do with the same frames. One asyncio
# process reads, checks and decodes them, commits what has come in together (SQLite, synchronous=FULL: raw
# frames and the decoded columns) and answers what is durable. No registry, limits, duplicates, sealing,
# compression, metrics; so it does less per frame than the gateway it is measured beside.
#
#   Scripts/bench-gateway-peer.py FOLDER      prints its port, serves until it is told to end
import asyncio, functools, operator, pathlib, sqlite3, struct, sys


def decode(data, place, end):
    """The readings of one 2016 report, as far as the load has them."""
    row = {}
    place += 6
    while place < end:
        kind = data[place]
        if kind == 1:
            row["vehicle"] = struct.unpack_from(">BBBHIHHBBBHBB", data, place + 1)
            place += 21
        elif kind == 5:
            row["position"] = struct.unpack_from(">BII", data, place + 1)
            place += 10
        elif kind == 7:
            row["alarms"] = struct.unpack_from(">BIBBBB", data, place + 1)
            place += 10
        elif kind == 8:
            count = data[place + 11]
            row["cells"] = [v / 1000 for v in struct.unpack_from(f">{count}H", data, place + 12)]
            place += 12 + 2 * count
        elif kind == 9:
            count = struct.unpack_from(">H", data, place + 3)[0]
            row["probes"] = [v - 40 for v in data[place + 5:place + 5 + count]]
            place += 5 + count
        else:
            break
    return row


class Peer(asyncio.Protocol):
    rows, waiting, timer, base = [], [], None, None

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        data = self.rest + data if self.rest else data
        place = 0
        while len(data) - place >= 25:
            length = struct.unpack_from(">H", data, place + 22)[0]
            end = place + 25 + length
            if end > len(data):
                break
            if functools.reduce(operator.xor, data[place + 2:end - 1]) == data[end - 1]:
                self.take(data, place, end)
            place = end
        self.rest = data[place:]

    def take(self, data, place, end):
        unit = place + 24
        if data[place + 2] in (2, 3):
            row = decode(data, unit, end - 1)
            cells, vehicle = row.get("cells") or [0.0], row.get("vehicle") or (0,) * 13
            Peer.rows.append((data[place + 4:place + 21], data[unit:unit + 6], data[place:end],
                              vehicle[5] / 10, vehicle[6] / 10 - 1000, vehicle[7], min(cells), max(cells),
                              max(row.get("probes") or [0])))
        else:
            Peer.rows.append((data[place + 4:place + 21], data[unit:unit + 6], data[place:end], 0, 0, 0, 0, 0, 0))
        head = data[place + 2:place + 3] + b"\x01" + data[place + 4:place + 22] + b"\x00\x06" + data[unit:unit + 6]
        answer = b"##" + head + bytes([functools.reduce(operator.xor, head)])
        Peer.waiting.append((self.transport, answer))
        if Peer.timer is None:
            Peer.timer = asyncio.get_running_loop().call_later(0.005, Peer.commit)

    @staticmethod
    def commit():
        Peer.timer = None
        Peer.base.executemany("INSERT INTO frame VALUES (?,?,?,?,?,?,?,?,?)", Peer.rows)
        Peer.base.commit()
        answers = {}
        for transport, answer in Peer.waiting:
            answers.setdefault(transport, []).append(answer)
        Peer.rows, Peer.waiting = [], []
        for transport, parts in answers.items():
            transport.write(b"".join(parts))


async def main():
    Peer.base = sqlite3.connect(pathlib.Path(sys.argv[1]) / "peer.sqlite")
    Peer.base.execute("PRAGMA journal_mode=WAL")
    Peer.base.execute("PRAGMA synchronous=FULL")
    Peer.base.execute("CREATE TABLE frame (vin, time, bytes, voltage, current, soc, lowest, highest, hottest)")
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
