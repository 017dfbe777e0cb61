// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Mutated, truncated and random data units: an error or a value, never a trap.

import TelemetryCodec
import TestSupport
import Testing

@Suite("Hostile data units")
struct HostileUnitTests {
  /// Decodes and, where that succeeds, demands that encoding gives the same bytes.
  private func probe(_ frame: Frame) throws {
    let unit: DataUnit
    do throws(CodecError) { unit = try frame.decodedUnit() } catch { return }
    #expect(try unit.encoded(for: frame.edition) == frame.unit)
  }

  private let commands: [UInt8] = [
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x80, 0x82, 0xC0,
  ]

  @Test("random units decode to an error or to what encodes back", arguments: 1...20)
  func random(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let name = try #require(SampleFrames.vehicle)
    for _ in 0..<600 {
      let edition = Bool.random(using: &random) ? Edition.edition2016 : .edition2025
      let command = commands[Int.random(in: 0..<commands.count, using: &random)]
      var unit: [UInt8] = [26, 3, 14, 9, 26, 53]
      // Small numbers make plausible types and counts, sentinels make empty lists.
      for _ in 0..<Int.random(in: 0...80, using: &random) {
        let draw = Int.random(in: 0..<10, using: &random)
        unit.append(
          draw < 5
            ? UInt8.random(in: 0...9, using: &random)
            : draw < 7
              ? UInt8.random(in: 0xFD...0xFF, using: &random)
              : UInt8.random(in: 0...255, using: &random))
      }
      if Int.random(in: 0..<8, using: &random) == 0 {
        unit.removeFirst(Int.random(in: 0...6, using: &random))
      }
      try probe(
        Frame(
          edition: edition, command: Command(rawValue: command), identifier: name, unit: unit))
    }
  }

  @Test("every truncation of a report is an error or encodes back")
  func truncated() throws {
    var random = Seeded(3)
    let whole = SampleFrames.report(cells: 40, using: &random)
    for length in 0..<whole.unit.count {
      var frame = whole
      frame.unit = Array(whole.unit.prefix(length))
      try probe(frame)
    }
    let bytes = try whole.encoded()
    for length in 0..<bytes.count {
      let error = #expect(throws: CodecError.self) { try Frame(bytes: Array(bytes.prefix(length))) }
      #expect(error?.code == "incomplete")
    }
  }

  @Test("every changed byte of a report is an error or encodes back")
  func mutated() throws {
    var random = Seeded(4)
    let whole = SampleFrames.report(cells: 8, using: &random)
    for place in whole.unit.indices {
      for value in [0x00, 0x01, 0x7F, 0xFD, 0xFE, 0xFF] as [UInt8] {
        var frame = whole
        frame.unit[place] = value
        try probe(frame)
        frame.edition = .edition2025
        try probe(frame)
      }
    }
  }

  @Test("a header byte out of its codes is named")
  func headers() throws {
    var random = Seeded(5)
    let bytes = try SampleFrames.report(cells: 2, using: &random).encoded()
    for (place, value) in [(2, 0x7F), (3, 0x00), (21, 0x77)] as [(Int, UInt8)] {
      var changed = bytes
      changed[place] = value
      #expect(throws: CodecError.badHeader(offset: place, value: value)) {
        try Frame(bytes: changed)
      }
    }
    for place in 0..<2 {
      // Beyond a whole frame and before its end, too.
      var changed = place == 0 ? bytes + [0] : Array(bytes.dropLast())
      changed[2] = 0x7F
      #expect(throws: CodecError.badHeader(offset: 2, value: 0x7F)) { try Frame(bytes: changed) }
    }
    #expect(throws: CodecError.trailingBytes(count: 1)) { try Frame(bytes: bytes + [0]) }
    #expect(throws: CodecError.badStart(0x23, 0x24)) { try Frame(bytes: [0x23, 0x24]) }
    #expect(throws: CodecError.incomplete(needed: 25, found: 0)) { try Frame(bytes: []) }
  }

  @Test("reserved commands keep their bytes in a whole frame, and start none in a stream")
  func reserved() throws {
    for edition in [Edition.edition2016, .edition2025] {
      for value in [0x0C, 0x40, 0x7F, 0x83, 0xBF] as [UInt8] {
        let frame = Frame(
          edition: edition, command: Command(rawValue: value), identifier: .blank,
          unit: [1, 2, 3, value])
        let bytes = try frame.encoded()
        let back = try Frame(bytes: bytes)
        #expect(back == frame)
        #expect(try back.decodedUnit() == .opaque([1, 2, 3, value]))
        #expect(try back.decodedUnit().encoded(for: edition) == frame.unit)
        var decoder = FrameDecoder()
        decoder.append(bytes)
        #expect(decoder.next() == nil)
        #expect(decoder.discardedByteCount > 0)
      }
      for value in [0x00, 0xFF] as [UInt8] {
        let bytes = try Frame(
          edition: edition, command: Command(rawValue: value), identifier: .blank
        ).encoded()
        #expect(throws: CodecError.badHeader(offset: 2, value: value)) { try Frame(bytes: bytes) }
      }
    }
  }
}
