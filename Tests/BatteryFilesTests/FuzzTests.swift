// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random bytes, cuts and mutations of every format: an error or a table, never a trap.

import BatteryDomain
import BatteryFiles
import Foundation
import TestSupport
import Testing

@Suite("Fuzzing of readers")
struct FuzzTests {
  /// Reads bytes to the end; the outcome does not matter, only that there is one.
  private func survive(_ bytes: [UInt8], name: String) {
    let scratch = Scratch(bytes, name: name)
    do throws(FileError) {
      for table in try DataFile.open(scratch.path).tables { _ = try WholeTable(table) }
    } catch {
      #expect(!error.message.isEmpty)
    }
  }

  private func mutated(_ seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2:
        bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...64, using: &random)))
      case 3:
        bytes.insert(
          contentsOf: (0..<Int.random(in: 1...16, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }, at: at)
      case 4: bytes.removeLast(bytes.count - at)
      default: bytes[at] = [0x22, 0x2C, 0x0A, 0x0D, 0x2D, 0x2E, 0x65, 0x00][at % 8]
      }
    }
    return bytes
  }

  private static let texts: [String] = [
    "tboxTime,vehSpeed,V_1,V_2,T_1\n2019-04-15 17:42:30,36,3.9,65.535,65\n2019-04-15 17:42:40,,3.9,0,255\n",
    "Voltage_measured,Current_measured,Temperature_measured,Time,cycle_idx\n4.1,-2,24,0,1\n4.0,-2,24,10,1\n",
    "EC-Lab ASCII FILE\nNb header lines : 3\n\nmode\ttime/s\tEwe/V\t<I>/mA\n3\t0,0\t3,5\t1,0\n3\t1,0\t3,4\t1,0\n",
    "Rec#\tCyc#\tStep\tTestTime\tAmps\tVolts\tState\n1\t1\t1\t 0d 00:00:01.0\t1\t3.4\tD\n",
    "Step;Prog Time;Voltage;Current\n;[h:m:s];[V];[A]\n1;00:00:01;3,7;-2,5\n",
    "\"time\",\"voltage\",\"x\"\"y\"\n\"0\",\"3.7\",\"a\nb\"\n1,3.6,\n",
    "Freq(Hz)\tZ'(Ohm)\tZ''(Ohm)\tPhase\n1000\t0.01\t-0.002\t-11\n",
    "Test Time / s,Voltage / V,Current / A\n0,3.7,1e400\n1,0.30000000000000004,-1\n",
  ]

  @Test("mutated text", arguments: texts.indices)
  func text(index: Int) {
    var random = SplitMix(seed: UInt64(100 + index))
    let seed = Array(Self.texts[index].utf8)
    survive(seed, name: "seed.csv")
    for _ in 0..<50 { survive(mutated(seed, &random), name: "fuzz.csv") }
  }

  @Test("every cut of a text")
  func cuts() {
    let seed = Array(Self.texts[0].utf8)
    for length in 0...seed.count { survive(Array(seed.prefix(length)), name: "cut.csv") }
  }

  @Test("random bytes behind every magic number")
  func random() {
    var random = SplitMix(seed: 9)
    let heads: [[UInt8]] = [
      [], [0x1F, 0x8B, 8, 0], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], [0x28, 0xB5, 0x2F, 0xFD],
      [0x50, 0x4B, 3, 4], [0x42, 0x5A, 0x68, 0x39], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE],
      Array("MATLAB 5.0 MAT-file".utf8) + [UInt8](repeating: 0x20, count: 105) + [
        0, 1, 0x49, 0x4D,
      ],
    ]
    for head in heads {
      for _ in 0..<40 {
        let count = Int.random(in: 0..<2000, using: &random)
        let tail = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        survive(head + tail, name: "random.bin")
      }
    }
  }

  @Test("mutated compressed streams", arguments: ["gz", "xz", "zst"])
  func compressed(ending: String) throws {
    let source = Scratch(Self.texts[0])
    let target = source.path.replacing("table.csv", with: "out.csv.\(ending)")
    let reader = try DataFile.open(source.path).tables[0]
    _ = try TableWriter.write(reader, to: target, format: .bdf)
    let seed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: target)))
    var random = SplitMix(seed: 11)
    for _ in 0..<40 { survive(mutated(seed, &random), name: "fuzz.\(ending)") }
    for length in stride(from: 0, to: seed.count, by: 7) {
      survive(Array(seed.prefix(length)), name: "cut.\(ending)")
    }
  }

  @Test("a workbook and its mutations")
  func workbook() throws {
    let seed = TinyWorkbook.bytes
    let scratch = Scratch(seed, name: "tiny.xlsx")
    let file = try DataFile.open(scratch.path)
    #expect(file.format == "arbin")
    let table = try WholeTable(file.tables[0])
    #expect(table.values(.voltage) == [3.5, 3.6])
    #expect(table.values(.current) == [-1, 1])
    var random = SplitMix(seed: 12)
    for _ in 0..<60 { survive(mutated(seed, &random), name: "fuzz.xlsx") }
    for length in stride(from: 0, to: seed.count, by: 37) {
      survive(Array(seed.prefix(length)), name: "cut.xlsx")
    }
  }

  @Test("a MATLAB file and its mutations")
  func matlab() throws {
    let seed = TinyMatlab.bytes
    let scratch = Scratch(seed, name: "tiny.mat")
    let table = try WholeTable(path: scratch.path)
    #expect(table.schema.format == "matlab-vectors")
    #expect(table.values(.voltage) == [3.5, 3.4, 3.3])
    #expect(table.values(.current) == [1, 1, 1])
    var random = SplitMix(seed: 13)
    for _ in 0..<300 { survive(mutated(seed, &random), name: "fuzz.mat") }
    for length in 0..<seed.count { survive(Array(seed.prefix(length)), name: "cut.mat") }
  }
}

@Suite(
  "Fuzzing of readers on measured files",
  .enabled(
    if: Datasets.has("electrothermal_dmegc/Exp25_R1.mat"),
    Comment(rawValue: Datasets.skipMessage)),
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    "reads large files many times: runs in release"))
struct FuzzReleaseTests {
  @Test(
    "flipped and cut measured files",
    arguments: [
      "electrothermal_dmegc/Exp25_R1.mat", "calce_cs2/raw_example/CS2_35_8_18_10.xlsx",
      "samsung30q_hppc/DNN01_HPPC_1C_20amb_processed_scrubbed.csv.xz",
      "eis_lfp_soc_temperature/20degC/n2-D25-1h.txt",
    ])
  func measured(path: String) throws {
    let seed = [UInt8](try Data(contentsOf: Datasets.file(path)))
    var random = SplitMix(seed: 14)
    for round in 0..<30 {
      var bytes = seed
      if round % 3 == 0 {
        bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
      } else {
        for _ in 0..<4 {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8(round % 8)
        }
      }
      let scratch = Scratch(bytes, name: "fuzz.bin")
      do throws(FileError) {
        for table in try DataFile.open(scratch.path).tables { _ = try WholeTable(table) }
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
