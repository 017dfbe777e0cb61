// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ten thousand vehicles in a process of their own, so that files and memory are counted apart.

import Foundation

/// Vehicles in a Python process: each logs in, then sends reports one by one.
enum ManyConnections {
  private static let script = """
    import selectors, socket, sys
    port, count, reports = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    login, report = bytes.fromhex(sys.argv[4]), bytes.fromhex(sys.argv[5])
    def named(frame, number, second=0):
        frame = bytearray(frame)
        frame[4:21] = b'LTEST%012d' % number
        frame[28], frame[29] = second // 60, second % 60
        check = 0
        for byte in frame[2:-1]: check ^= byte
        frame[-1] = check
        return bytes(frame)
    chosen = selectors.DefaultSelector()
    for number in range(count):
        s = socket.socket()
        s.bind(('127.0.0.%d' % (2 + number // 4000), 0))
        s.connect(('127.0.0.1', port))
        s.sendall(named(login, number))
        chosen.register(s, selectors.EVENT_READ, [number, 0])
    done = online = failed = 0
    def round_(answers):
        global done, failed
        while answers > 0:
            for key, _ in chosen.select(60):
                data = key.fileobj.recv(65536)
                if not data or data[3] != 1:
                    failed += 1
                    chosen.unregister(key.fileobj)
                else:
                    done += 1
                answers -= 1
    round_(count)
    print('online', done, failed, flush=True)
    for second in range(reports):
        for key in list(chosen.get_map().values()):
            key.fileobj.sendall(named(report, key.data[0], second))
        round_(len(chosen.get_map()))
    print('acknowledged', done - count, failed, flush=True)
    sys.stdin.readline()
    """

  /// Runs the vehicles; the body is told what they print once all have their answers, while all are
  /// still connected.
  static func run(
    _ count: Int, reports: Int, port: Int, login: [UInt8], report: [UInt8],
    _ body: ([String]) throws -> Void
  ) throws {
    func hex(_ bytes: [UInt8]) -> String {
      bytes.map { (0x100 + Int($0)).description(radix: 16) }.joined()
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", script, "\(port)", "\(count)", "\(reports)", hex(login), hex(report),
    ]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    defer {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    var text = ""
    while !text.contains("acknowledged") || !text.hasSuffix("\n") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += String(decoding: more, as: UTF8.self)
    }
    try body(text.split(separator: "\n").map(String.init))
  }
}

extension Int {
  /// The last two digits in a radix: of 0x1AB the text `ab`.
  fileprivate func description(radix: Int) -> String {
    String(String(self, radix: radix).suffix(2))
  }
}
