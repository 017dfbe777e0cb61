// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Listeners of a bus that come and go while records arrive from several threads.

import TelemetryCodec
import TelemetrySources
import Testing

@Suite(.timeLimit(.minutes(2))) struct RecordListenersTests {
  private func record(_ number: Int) -> CANRecord {
    CANRecord(
      seconds: Double(number), interface: "can0",
      frame: CANFrame(
        identifier: 0x123, isExtended: false, data: [UInt8(truncatingIfNeeded: number)]))
  }

  @Test func `everyone who listens gets every record in order, whoever comes and goes meanwhile`()
    async throws
  {
    let listeners = RecordListeners()
    let steady = (0..<4).map { _ in listeners.listen() }
    let (records, writers) = (2_000, 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for stream in steady {
        group.addTask {
          var last = [Int](repeating: -1, count: writers)
          var count = 0
          for try await record in stream {
            let (writer, number) = Int(record.seconds ?? -1)
              .quotientAndRemainder(dividingBy: records)
            // Of each writer the order is kept.
            #expect(number == last[writer] + 1)
            last[writer] = number
            count += 1
          }
          #expect(count == writers * records)
        }
      }
      // Others come, take a few and leave.
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<50 {
            var taken = 0
            for try await _ in listeners.listen() {
              taken += 1
              if taken == 3 { break }
            }
          }
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { inner in
        for writer in 0..<writers {
          inner.addTask {
            for number in 0..<records {
              listeners.yield(record(writer * records + number))
              if number.isMultiple(of: 100) { await Task.yield() }
            }
          }
        }
        try await inner.waitForAll()
      }
      listeners.finish(nil)
      try await group.waitForAll()
    }
    #expect(listeners.count == 0)
    // Who comes after the end waits for nothing.
    for try await _ in listeners.listen() { Issue.record("there is nothing any more") }
  }

  @Test func `an error reaches everyone who listens, once`() async {
    let listeners = RecordListeners()
    let streams = (0..<10).map { _ in listeners.listen() }
    await withTaskGroup(of: Void.self) { group in
      for stream in streams {
        group.addTask {
          await #expect(throws: SourceError.self) { for try await _ in stream {} }
        }
      }
      for _ in 0..<4 { group.addTask { listeners.finish(.connectionLost("can0: gone")) } }
    }
    #expect(listeners.count == 0)
  }
}
