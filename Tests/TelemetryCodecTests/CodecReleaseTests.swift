// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Throughput of the codec in release builds.

import Foundation
import TelemetryCodec
import TestSupport
import Testing

@Suite(
  "Codec throughput",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct CodecReleaseTests {
  @Test("frames of 88 cells are decoded to readings faster than any fleet sends them")
  func throughput() throws {
    var random = Seeded(11)
    let frames = (0..<200).map { _ in SampleFrames.report(cells: 88, using: &random) }
    let stream = try frames.flatMap { try $0.encoded() }
    let rounds = 100
    var sum = 0.0
    var count = 0
    let duration = try ContinuousClock().measure {
      for _ in 0..<rounds {
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
    }
    let expected = frames.reduce(0.0) { total, frame in
      guard case .report(let report)? = try? frame.decodedUnit() else { return total }
      return total
        + report.cellVoltageGroups.flatMap(\.readings).reduce(0) { $0 + ($1.validValue ?? 0) }
    }
    #expect(count == rounds * frames.count)
    #expect((sum / Double(rounds) - expected).magnitude < 1e-6 * expected)
    let seconds =
      Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
    let rate = Double(count) / seconds
    print("codec: \(Int(rate)) frames/s decoded to readings, 88 cells, \(stream.count / 200) bytes")
    // A fleet of 10,000 vehicles at one frame a second, with room to spare on a slow machine.
    #expect(rate > 20_000)

    let encoding = try ContinuousClock().measure {
      for _ in 0..<10 {
        for frame in frames {
          let unit = try frame.decodedUnit().encoded(for: frame.edition)
          count += unit.count
        }
      }
    }
    print(
      "codec: \(2_000 / (Double(encoding.components.attoseconds) * 1e-18 + Double(encoding.components.seconds))) units/s decoded and encoded"
    )
  }
}
