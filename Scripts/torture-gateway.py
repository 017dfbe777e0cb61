#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
# Kills a running gateway, again and again, while a fleet sends to it over sockets, and proves that every
# acknowledged frame is stored exactly once and that nothing is stored that was not sent.
#
#   Scripts/torture-gateway.py --program .build/release/anodyne [--rounds 60] [--seed 1] [--only KIND]
#
# The kinds of rounds, in turn: SIGKILL; SIGKILL with a power cut (what was not flushed is gone);
# a disk that fills up; flushes that fail; writes that are cut short; a wall clock that jumps. The fleet is
# written here, without the program's own code: vehicles of both editions that send in windows, cut their
# frames anywhere, lose their connection in the middle of a frame, send again what was not
# acknowledged (as it was, or as a reissue) and send some frames twice. At the end the program's own
# fleet is killed about in the same way, and `fleet check` compares its manifest with the store.
import argparse, asyncio, functools, json, operator, os, pathlib, random, shutil, signal, socket
import struct, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent.parent
KINDS = ["kill", "power", "full", "flush", "short", "clock"]
RESTART_LIMIT = 5.0


def wire_time(seconds):
    t = time.gmtime(seconds + 8 * 3600)
    return bytes([t.tm_year - 2000, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec])


def frame(new, command, vin, unit, flag=0xFE):
    body = bytes([command, flag]) + vin + b"\x01" + len(unit).to_bytes(2, "big") + unit
    return (b"$$" if new else b"##") + body + bytes([functools.reduce(operator.xor, body)])


class Vehicle:
    """One vehicle: what it sent, and what of it was acknowledged; units, without their command."""

    def __init__(self, number, random_):
        self.vin = b"TORTURE%010d" % number
        self.new = number % 2 == 1
        self.random = random_
        self.clock = 1_700_000_000
        self.serial = 0
        self.sent, self.acknowledged = set(), set()
        self.waiting = []  # units that were sent and not acknowledged
        self.refused = 0
        self.connections = 0

    def report(self):
        self.clock += 1
        r = self.random
        unit = wire_time(self.clock)
        unit += b"\x01\x01\x03\x01" + r.randbytes(15 if self.new else 17)
        n = r.randint(1, 60)
        cells = b"".join(r.randint(3000, 4200).to_bytes(2, "big") for _ in range(n))
        if self.new:
            unit += b"\x07\x01\x01\x0e\x10\x75\x30" + n.to_bytes(2, "big") + cells
        else:
            unit += b"\x08\x01\x01\x0e\x10\x27\x10" + n.to_bytes(2, "big") + b"\x00\x01" + bytes([n]) + cells
        return unit

    def login(self):
        self.serial = self.serial % 65531 + 1
        unit = wire_time(self.clock) + self.serial.to_bytes(2, "big") + b"89860000000000000000"
        return unit + (b"\x00" if self.new else b"\x01\x00")

    async def live(self, host, port, stop):
        while not stop.is_set():
            try:
                reader, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            self.connections += 1
            try:
                await self.talk(reader, writer, stop)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.transport.abort()

    async def ask(self, reader, writer, requests):
        """Sends frames cut anywhere and takes their answers in order."""
        data = b"".join(frame(self.new, command, self.vin, unit) for command, unit in requests)
        for _, unit in requests:
            self.sent.add(unit)
        place = 0
        while place < len(data):
            step = self.random.choice([1, 7, 100, 1500, 9000, 100_000])
            if writer.transport.is_closing():
                raise OSError("closed")
            writer.write(data[place:place + step])
            place += step
            if self.random.random() < 0.02:
                await asyncio.sleep(0)
        await writer.drain()
        for command, unit in requests:
            head = await reader.readexactly(24)
            rest = await reader.readexactly(int.from_bytes(head[22:24], "big") + 1)
            answer = head + rest
            check = functools.reduce(operator.xor, answer[2:-1])
            want = (b"$$" if self.new else b"##") + bytes([command])
            if answer[:3] != want or answer[4:21] != self.vin or check != answer[-1] or rest[:6] != unit[:6]:
                raise SystemExit(f"torture: an answer that belongs to no question: {answer.hex()}")
            if answer[3] == 1:
                self.acknowledged.add(unit)
            else:
                self.refused += 1
                raise OSError("refused")

    async def talk(self, reader, writer, stop):
        r = self.random
        await self.ask(reader, writer, [(1, self.login())])
        while not stop.is_set():
            again = self.waiting[:]
            # Without reception for a while: those reports come late, as reissues, behind newer ones.
            late = [self.report() for _ in range(r.randint(1, 9))] if r.random() < 0.1 else []
            fresh = [self.report() for _ in range(r.randint(1, 30))]
            requests = [(r.choice([2, 3]), unit) for unit in again]
            requests += [(2, unit) for unit in fresh] + [(3, unit) for unit in late]
            if r.random() < 0.2:
                requests.append((r.choice([2, 3]), r.choice(fresh)))
            self.waiting += fresh + late
            if r.random() < 0.03:
                # The link breaks in the middle of a frame; whatever came before counts.
                data = b"".join(frame(self.new, c, self.vin, u) for c, u in requests)
                for _, unit in requests:
                    self.sent.add(unit)
                if not writer.transport.is_closing():
                    writer.write(data[:r.randint(1, len(data))])
                await writer.drain()
                raise OSError("broken")
            try:
                await self.ask(reader, writer, requests)
            finally:
                self.waiting = [u for u in self.waiting if u not in self.acknowledged]
            await asyncio.sleep(r.random() * 0.01)


class Gateway:
    """The program under test, with a folder of its own."""

    def __init__(self, program, folder, libraries):
        self.program, self.folder, self.libraries = program, folder, libraries
        self.data = folder / "data"
        self.shadow = folder / "shadow"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.config = folder / "gateway.yaml"
        self.write_config(self.config, self.data)
        self.process = None

    def write_config(self, path, data):
        path.write_text(f"data_folder: {json.dumps(str(data))}\nlisten: {{port: {self.port}}}\n"
                        "status: {enabled: false}\nlog: {level: critical}\n"
                        "limits: {failed_logins: 1000000, accepts_per_second: 100000}\n")

    def start(self, kind, random_):
        """Starts it; gives the seconds until it takes connections."""
        environment = dict(os.environ)
        faults = {"FAULTS_WATCH": str(self.data)}
        self.clock = None
        if kind == "power":
            for name in ("contents", "names"):
                (self.shadow / name).mkdir(parents=True, exist_ok=True)
            environment |= {"LD_PRELOAD": self.libraries["powerloss"],
                            "POWERLOSS_WATCH": str(self.data), "POWERLOSS_SHADOW": str(self.shadow)}
        elif kind == "full":
            faults["FAULTS_SPACE"] = str(random_.randint(200_000, 3_000_000))
        elif kind == "flush":
            faults["FAULTS_FLUSHES"] = str(random_.randint(5, 120))
        elif kind == "short":
            faults["FAULTS_SHORT"] = str(random_.randint(2, 9))
        elif kind == "clock":
            self.clock = self.folder / "clock"
            self.clock.write_bytes(struct.pack("<q", 0))
            faults["FAULTS_CLOCK"] = str(self.clock)
        if kind in ("full", "flush", "short", "clock"):
            environment |= faults | {"LD_PRELOAD": self.libraries["faults"]}
        self.errors = open(self.folder / "stderr", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "gateway", "serve", "--config", str(self.config), "--json"],
            stdout=subprocess.PIPE, stderr=self.errors, env=environment)
        line = self.process.stdout.readline()
        if b"port" not in line:
            code = self.process.wait()
            raise SystemExit(f"torture: the gateway does not start ({kind}, exit {code}): "
                             + (self.folder / "stderr").read_text()[-500:])
        return time.monotonic() - began

    def jump(self, random_):
        step = random_.choice([-86_400 * 365, -7200, -61, 3, 600, 86_400, 86_400 * 3650])
        with open(self.clock, "r+b") as file:
            file.write(struct.pack("<q", step))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def cut_power(self):
        """Replaces the folder by what was flushed."""
        if not (self.shadow / "seeded").exists():
            raise SystemExit("torture: the power-cut library was not in force, so the round proves nothing")
        for path in self.data.rglob("*"):
            if path.is_file():
                path.unlink()
        for listing in (self.shadow / "names").iterdir():
            if listing.suffix == ".tmp":
                continue
            place = self.data / listing.name[1:].replace(",", "/")
            place.mkdir(parents=True, exist_ok=True)
            # A name listed again replaces the one before.
            names = dict(reversed(line.split(" ", 1)) for line in listing.read_text().splitlines())
            for name, content in names.items():
                kept = self.shadow / "contents" / content
                (place / name).write_bytes(kept.read_bytes() if kept.exists() else b"")
        shutil.rmtree(self.shadow, ignore_errors=True)

    def lose(self):
        """Cuts the end off the newest log file, as a disk does that lied about a flush."""
        newest = max((self.data / "log").iterdir(), key=lambda p: p.stat().st_mtime)
        data = newest.read_bytes().rstrip(b"\0")
        newest.write_bytes(data[:max(0, len(data) - 5000)])

    def stored(self):
        """What a copy of the store holds: the next start has to recover the original itself."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data, copy / "data")
        self.write_config(copy / "gateway.yaml", copy / "data")
        run = subprocess.run([self.program, "gateway", "frames", "--config", str(copy / "gateway.yaml")],
                             capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"torture: the store cannot be read: {run.stderr}")
        return [bytes.fromhex(line) for line in run.stdout.split()]


def judge(stored, vehicles):
    """Everything that is wrong with a store."""
    faults, count = [], {}
    by_vin = {vehicle.vin: vehicle for vehicle in vehicles}
    for data in stored:
        key = (data[4:21], data[24:-1])
        count[key] = count.get(key, 0) + 1
        vehicle = by_vin.get(key[0])
        if vehicle is None or key[1] not in vehicle.sent or data[2] not in (1, 2, 3):
            faults.append(f"a frame that nobody sent: {data.hex()}")
    faults += [f"stored {n} times: {k[0].decode()} {k[1][:6].hex()}" for k, n in count.items() if n > 1]
    for vehicle in vehicles:
        for unit in vehicle.acknowledged:
            if (vehicle.vin, unit) not in count:
                faults.append(f"acknowledged and gone: {vehicle.vin.decode()} {unit[:6].hex()}")
    return faults


async def own_fleet(options, libraries, kinds):
    draw = random.Random(options.seed)
    slowest, slowest_faulty, total, refusals, rounds = 0.0, 0.0, 0, 0, 0
    tally = dict.fromkeys(KINDS, 0)
    while rounds < options.rounds:
        with tempfile.TemporaryDirectory(prefix="anodyne-torture-") as path:
            gateway = Gateway(options.program, pathlib.Path(path), libraries)
            vehicles = [Vehicle(n, random.Random(draw.random())) for n in range(options.vehicles)]
            stop = asyncio.Event()
            tasks = [asyncio.create_task(v.live("127.0.0.1", gateway.port, stop)) for v in vehicles]
            stored = []
            for turn in range(min(10, options.rounds - rounds)):
                kind = kinds[rounds % len(kinds)]
                refused = sum(v.refused for v in vehicles)
                took = await asyncio.to_thread(gateway.start, kind, draw)
                if kind == "power":
                    # Here the library first takes stock of the whole folder.
                    slowest_faulty = max(slowest_faulty, took)
                else:
                    slowest = max(slowest, took)
                end = time.monotonic() + draw.uniform(0.05, options.longest)
                while time.monotonic() < end:
                    await asyncio.sleep(min(0.1, max(0.0, end - time.monotonic())))
                    if kind == "clock":
                        gateway.jump(draw)
                gateway.kill()
                # What is still on its way to the vehicles was acknowledged all the same.
                await asyncio.sleep(0.05)
                if kind == "power":
                    gateway.cut_power()
                if options.lose:
                    gateway.lose()
                stored = await asyncio.to_thread(gateway.stored)
                faults = judge(stored, vehicles)
                if kind not in ("full", "flush") and sum(v.refused for v in vehicles) > refused:
                    faults.append("frames were refused although the disk was well")
                rounds += 1
                tally[kind] += 1
                if faults:
                    print(f"torture: round {rounds} ({kind}): FAULTS")
                    for fault in faults[:10]:
                        print("  " + fault[:300])
                    raise SystemExit(1)
            stop.set()
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                    raise result
            total += sum(len(v.acknowledged) for v in vehicles)
            refusals += sum(v.refused for v in vehicles)
            print(f"torture: {rounds} rounds: {total} frames acknowledged", file=sys.stderr)
    if not total:
        raise SystemExit("torture: nothing was acknowledged, so nothing is proved")
    if tally["full"] + tally["flush"] >= 10 and not refusals:
        raise SystemExit("torture: no disk failed, so the rounds of failing disks prove nothing")
    print(f"gateway: {rounds} rounds ({', '.join(f'{n} {k}' for k, n in tally.items() if n)}), "
          f"{options.vehicles} vehicles of both editions: {total} frames acknowledged, none lost, none twice, "
          f"none invented; {refusals} refused while the disk failed; longest restart {slowest:.2f} s"
          + (f", {slowest_faulty:.2f} s under the power-cut library" if slowest_faulty else ""))
    if slowest > RESTART_LIMIT:
        raise SystemExit(f"torture: a restart took {slowest:.1f} s; the limit is {RESTART_LIMIT} s")


def program_fleet(options):
    """The program's own simulated fleet, with tunnels, duplicates and breaks, while the gateway is killed."""
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="anodyne-torture-") as path:
        folder = pathlib.Path(path)
        gateway = Gateway(options.program, folder, {})
        manifest = folder / "sent.jsonl"
        gateway.start("kill", draw)
        fleet = subprocess.Popen(
            [options.program, "fleet", "simulate", "--vehicles", "24", "--days", str(options.days),
             "--rate", "0.1", "--scenario", str(HERE / "Examples/fleet/winter.yaml"), "--manifest", str(manifest),
             "--to", f"127.0.0.1:{gateway.port}", "--json"], stdout=subprocess.PIPE, text=True)
        kills = 0
        while True:
            try:
                output, _ = fleet.communicate(timeout=draw.uniform(0.4, 1.5))
                break
            except subprocess.TimeoutExpired:
                gateway.kill()
                kills += 1
                gateway.start("kill", draw)
        gateway.kill()
        if fleet.returncode:
            raise SystemExit(f"torture: the fleet ended with {fleet.returncode}: {output}")
        summary = json.loads(output)
        check = subprocess.run([options.program, "fleet", "check", str(manifest), "--data", str(gateway.data), "--json"],
                               capture_output=True, text=True)
        found = json.loads(check.stdout or "{}")
        print(f"fleet: {kills} kills, {summary['connections']} connections, {summary['reissued']} reissued, "
              f"{summary['duplicates']} duplicates: {found.get('reports')} reports acknowledged, "
              f"{found.get('missing')} missing, {found.get('doubled')} doubled, {found.get('unnamed')} not named")
        if check.returncode or found.get("unnamed") or not kills or not found.get("reports"):
            raise SystemExit(f"torture: fleet check: {check.stdout}{check.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vehicles", type=int, default=16)
    parser.add_argument("--longest", type=float, default=1.2, help="longest life in seconds")
    parser.add_argument("--days", type=float, default=0.5, help="simulated days of the program's own fleet; 0 for none")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--lose", action="store_true",
                        help="throw the newest flushed bytes away after each kill: the script must then fail")
    options = parser.parse_args()
    options.program = str(pathlib.Path(options.program).resolve())
    kinds = [options.only] if options.only else KINDS
    with tempfile.TemporaryDirectory(prefix="anodyne-torture-") as built:
        libraries = {}
        if sys.platform == "linux":
            for name, source in (("powerloss", "PowerLoss/powerloss.c"), ("faults", "Faults/faults.c")):
                libraries[name] = f"{built}/{name}.so"
                subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", libraries[name],
                                str(HERE / "Tests/CLibs" / source), "-ldl"], check=True)
        else:
            kinds = ["kill"]
        asyncio.run(own_fleet(options, libraries, kinds))
    if options.days > 0:
        program_fleet(options)


main()
