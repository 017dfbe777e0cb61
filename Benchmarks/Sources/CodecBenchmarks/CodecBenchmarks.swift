// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Frames a second: stream to readings for frames of 100 cells, both editions.

import TelemetryCodec

/// Cuts a byte stream into frames and decodes them to readings, on one core.
///
/// Problem: 200 different frames of 100 cells and 16 probes with vehicle and alarm items, sent 500
/// times in pieces of 4,096 bytes. Unit of work: one frame from bytes to the reading of every
/// cell. The sum of the voltages must be what was encoded, else the run fails.
@main
struct CodecBenchmarks {
  static let frameCount = 200
  static let rounds = 500

  static func main() throws {
    for edition in Edition.allCases {
      let (stream, expected) = try stream(edition)
      var best = Duration.seconds(1_000)
      for _ in 0..<3 {
        var sum = 0.0
        var count = 0
        let duration = try ContinuousClock().measure {
          for _ in 0..<rounds { try decode(stream, &sum, &count) }
        }
        guard count == rounds * frameCount,
          (sum - Double(rounds) * expected).magnitude < 1e-6 * sum
        else { fatalError("decoded \(count) frames, sum \(sum)") }
        best = min(best, duration)
      }
      let seconds =
        Double(best.components.seconds) + 1e-18 * Double(best.components.attoseconds)
      print(
        "codec \(edition.year): \(Int(Double(rounds * frameCount) / seconds)) frames/s, "
          + "100 cells, \(stream.count / frameCount) bytes a frame, best of 3")
    }
  }

  static func decode(_ stream: [UInt8], _ sum: inout Double, _ count: inout Int) throws {
    var decoder = FrameDecoder()
    for start in stride(from: 0, to: stream.count, by: 4_096) {
      decoder.append(stream[start..<min(start + 4_096, stream.count)])
      while let frame = decoder.next() {
        guard case .report(let report) = try frame.decodedUnit() else { continue }
        for group in report.cellVoltageGroups {
          for reading in group.readings { sum += reading.validValue ?? 0 }
        }
        count += 1
      }
    }
  }

  /// The frames of a stream and the sum of their cell voltages.
  static func stream(_ edition: Edition) throws -> ([UInt8], Double) {
    guard let name = UniqueIdentifier("XTEST000000000042") else { fatalError("a plain name") }
    let is2016 = edition == .edition2016
    var stream: [UInt8] = []
    var expected = 0.0
    for number in 0..<frameCount {
      let raw = (0..<100).map { UInt16(3_600 + ($0 * 37 + number * 101) % 200) }
      for value in raw { expected += Double(value) / 1_000 }
      let group = CellVoltageGroup(
        number: 1,
        voltage: WireValue(is2016 ? .packVoltage2016 : .packVoltage2025, orInvalid: 370),
        current: WireValue(is2016 ? .packCurrent2016 : .packCurrent2025, orInvalid: 12.3),
        window: is2016
          ? CellVoltageGroup.Window(total: WireValue(.cellTotal, raw: 100), firstCell: 1) : nil,
        cells: Counted(raw))
      let probes = TemperatureGroup(temperatures: Array(repeating: 298.15, count: 16))
      let report = Report(
        time: WireTime(
          yearSince2000: 26, month: 3, day: 14, hour: 9, minute: 26, second: UInt8(number % 60)),
        items: [
          .vehicle(VehicleData(edition: edition)),
          .alarms(AlarmData(level: 0, flags: [], edition: edition)),
          .cellVoltages(Counted([group])), .temperatures(Counted([probes])),
        ])
      stream += try Frame(
        edition: edition, command: .realTimeReport, identifier: name, unit: .report(report)
      ).encoded()
    }
    return (stream, expected)
  }
}
