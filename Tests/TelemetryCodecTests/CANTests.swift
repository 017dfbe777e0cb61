// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// DBC files against cantools, candump lines, hostile bytes.

import Foundation
import TelemetryCodec
import TestSupport
import Testing

@Suite("CAN")
struct CANTests {
  static func resource(_ name: String) -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return Array((try? Data(contentsOf: folder.appending(path: "Resources/\(name)"))) ?? Data())
  }
  static let database = try? DBCDatabase(dbc: resource("bus.dbc"))

  @Test("a DBC file gives its messages, words, comments and cycle times")
  func file() throws {
    let database = try #require(Self.database)
    #expect(database.version == "1.0")
    #expect(database.nodes == ["BMS", "VCU", "Charger"])
    #expect(database.comment == "A bus made for tests")
    #expect(
      database.messages.map(\.name)
        == ["PackState", "MotorolaMix", "CellVoltages", "Extended", "Floats", "Wide"])
    let pack = database.messages[0]
    #expect(pack.comment == "State of the pack; \"fast\"")
    #expect(pack.cycleTimeMilliseconds == 100)
    #expect(pack.signals[1].comment == "positive while\ndischarging")
    #expect(pack.signals[0].receivers == ["VCU", "Charger"])
    #expect(pack.signals[3].label(of: 3) == "welded")
    #expect(pack.signals[4].label(of: 7) == "none")
    let cells = database.messages[2]
    #expect(cells.isExtended && cells.identifier == 0x18FE_F1FE)
    #expect(cells.cycleTimeMilliseconds == nil)
    #expect(database.messages[4].signals.map(\.encoding) == [.float32, .float64, .float32])
  }

  @Test("random frames have the values that cantools gives")
  func oracle() throws {
    let index = DBCIndex(try #require(Self.database))
    let fixture = try JSONDecoder().decode(
      JSONValue.self, from: Data(Self.resource("can.json")))
    var count = 0
    for entry in try #require(fixture["frames"]?.array) {
      let frame = CANFrame(
        identifier: UInt32(try #require(entry["id"]?.number)),
        isExtended: entry["extended"] == .bool(true),
        data: bytes(hex: try #require(entry["data"]?.string)))
      let message = try #require(index.message(of: frame))
      guard case .object(let expected)? = entry["values"] else { continue }
      let values = message.values(in: frame.data)
      #expect(Set(values.map { message.signals[$0.place].name }) == Set(expected.keys))
      for value in values {
        let wanted = try #require(expected[message.signals[value.place].name]?.number)
        #expect((value.value - wanted).magnitude <= 1e-12 * max(1, wanted.magnitude))
        count += 1
      }
    }
    #expect(count == 599)
  }

  @Test("what a signal writes it reads again, and it touches no other bit")
  func roundTrip() throws {
    var random = Seeded(44)
    for message in try #require(Self.database).messages {
      for signal in message.signals {
        for _ in 0..<20 {
          var data = (0..<message.length).map { _ in UInt8.random(in: 0...255, using: &random) }
          let before = data
          let old = try #require(signal.raw(in: data))
          let raw = UInt64.random(in: 0...(.max), using: &random) >> UInt64(64 - signal.length)
          #expect(signal.set(raw, in: &data))
          #expect(signal.raw(in: data) == raw)
          let value = signal.physical(of: raw)
          if signal.length < 53, value.isFinite, signal.encoding != .float32 {
            #expect(signal.raw(of: value) == raw)
          }
          #expect(signal.set(old, in: &data))
          #expect(data == before)
        }
        #expect(signal.raw(in: []) == nil)
        var none: [UInt8] = []
        #expect(!signal.set(0, in: &none))
      }
    }
  }

  @Test("candump lines of every form are read")
  func candump() throws {
    func read(_ line: String) -> CANRecord? { CandumpLog.record(Array(line.utf8)) }
    let log = try #require(read("(1436509052.249713) vcan0 044#2A366C2BBA"))
    #expect(log.seconds == 1_436_509_052.249713)
    #expect(log.interface == "vcan0")
    #expect(
      log.frame == CANFrame(identifier: 0x44, isExtended: false, data: [42, 54, 108, 43, 186]))
    #expect(read("  vcan0  044   [5]  2A 36 6C 2B BA")?.frame == log.frame)
    #expect(read("  vcan0  044   [5]  2A 36 6C 2B BA   '*6l+.'")?.frame == log.frame)
    #expect(read(" (000.000000)  vcan0  044   [5]  2A 36 6C 2B BA")?.seconds == 0)
    #expect(
      read("(1.0) can0 18FF50FE#")?.frame == CANFrame(identifier: 0x18FF_50FE, isExtended: true))
    #expect(read("(1.0) can0 123#R")?.frame.isRemote == true)
    #expect(read("can0 123 [0] remote request")?.frame.isRemote == true)
    #expect(read("(1.0) can0 123##1AABB")?.frame.data == [0xAA, 0xBB])
    #expect(read("(1.0) can0 123##1AABB")?.frame.isFlexible == true)
    #expect(read("(1.0) can0 20000004#0001000000000000")?.frame.isError == true)
    #expect(read("(1.0) can0 044#2A36 R")?.frame.data == [0x2A, 0x36])
    for line in [
      "", "can0", "(x) can0 044#00", "(1.0) can0 8FF#00", "(1.0) can0 044#0",
      "(1.0) can0 044#001122334455667788", "can0 044 [5] 00", "can0 044 [70] 00", "can0 0g4#00",
      "(1.0) can0 044##",
      // Found by fuzzing.
      "(14325143650902.413) (can0 044#00",
    ] {
      #expect(read(line) == nil, "\(line)")
    }
    for line in [
      "(1436509052.249713) vcan0 044#2A366C2BBA", "(0000000001.000000) can0 18FF50FE#00",
      "(0000000001.500000) can0 123#R",
    ] {
      #expect(read(line).map { CandumpLog.line($0) } == line)
    }
  }

  @Test("a wrong DBC file names the line, and no cut or changed file traps")
  func hostile() throws {
    func error(_ text: String) -> DBCError? {
      do throws(DBCError) {
        _ = try DBCDatabase(dbc: Array(text.utf8))
        return nil
      } catch { return error }
    }
    #expect(error("\nSG_ A : 0|8@1+ (1,0) [0|0] \"\" X")?.line == 2)
    #expect(error("BO_ 1 A: 8 X\n SG_ S : 0|65@1+ (1,0) [0|0] \"\" X")?.line == 2)
    #expect(error("BO_ 1 A: 8 X\n SG_ S q : 0|8@1+ (1,0) [0|0] \"\" X")?.line == 2)
    #expect(error("BO_ x")?.expected == "a whole number")
    #expect(error("BO_ 1 A: 8 X\n SG_ S : 0|8@1+ (1,0) [0|0] \"°\" X") == nil)
    // Two switches that select each other are present never.
    let circle =
      "BO_ 1 A: 8 X\n SG_ P m0M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ Q m0M : 4|4@1+ (1,0) [0|0] \"\" X\n"
      + "SG_MUL_VAL_ 1 P Q 0-0;\nSG_MUL_VAL_ 1 Q P 0-0;"
    #expect(try DBCDatabase(dbc: Array(circle.utf8)).messages[0].values(in: [0]) == [])
    let good = Self.resource("bus.dbc")
    var random = Seeded(45)
    for count in stride(from: 0, to: good.count, by: 41) {
      _ = error(String(decoding: good[..<count], as: UTF8.self))
    }
    for _ in 0..<60 {
      var bad = good
      for _ in 0..<4 {
        bad[Int.random(in: 0..<bad.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      guard let database = try? DBCDatabase(dbc: bad) else { continue }
      for message in database.messages { _ = message.values(in: [1, 2, 3, 4, 5, 6, 7, 8]) }
    }
  }
}
