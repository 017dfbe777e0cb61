// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stream decoder on noise, damage, hostile headers and random cuts.

import TelemetryCodec
import TestSupport
import Testing

@Suite("Stream decoder")
struct FrameDecoderTests {
  /// Feeds a stream in random pieces and returns the frames.
  private func frames(
    of stream: [UInt8], by random: inout Seeded, longest: Int, decoder: inout FrameDecoder
  ) -> [Frame] {
    var found: [Frame] = []
    var start = 0
    while start < stream.count {
      let end = min(stream.count, start + Int.random(in: 1...longest, using: &random))
      decoder.append(stream[start..<end])
      while let frame = decoder.next() { found.append(frame) }
      start = end
    }
    return found
  }

  @Test("good frames survive any noise between them and any cut", arguments: 1...20)
  func survives(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    var stream: [UInt8] = []
    var sent: [Frame] = []
    for _ in 0..<30 {
      let noise = Int.random(in: 0...40, using: &random)
      // Noise rich in start bytes; it holds no whole frame because it never ends in a right check.
      for _ in 0..<noise {
        stream.append([0x23, 0x24, 0x02, 0xFE, 0x00][Int.random(in: 0..<5, using: &random)])
      }
      let frame = SampleFrames.report(
        cells: Int.random(in: 1...200, using: &random), using: &random)
      sent.append(frame)
      stream += try frame.encoded()
    }
    var whole = FrameDecoder()
    whole.append(stream)
    var reference: [Frame] = []
    while let frame = whole.next() { reference.append(frame) }
    var cut = FrameDecoder()
    let found = frames(of: stream, by: &random, longest: 300, decoder: &cut)
    #expect(found == reference)
    #expect(cut.discardedByteCount == whole.discardedByteCount)
    // A false header at the end of a run of noise can hold the last frames back; none is lost.
    while cut.pendingByteCount > 0 {
      cut.dropStalled()
      while cut.next() != nil {}
    }
    #expect(reference.count <= sent.count)
    var all = reference
    while whole.pendingByteCount > 0 {
      whole.dropStalled()
      while let frame = whole.next() { all.append(frame) }
    }
    #expect(all == sent)
  }

  @Test("random bytes never trap and memory stays bounded", arguments: 1...10)
  func randomBytes(seed: Int) {
    var random = Seeded(UInt64(seed))
    var decoder = FrameDecoder(maximumUnitLength: 512)
    for _ in 0..<2_000 {
      var piece: [UInt8] = []
      for _ in 0..<Int.random(in: 0...64, using: &random) {
        piece.append(
          UInt8.random(in: 0...255, using: &random) & (seed.isMultiple(of: 2) ? 0x27 : 0xFF))
      }
      decoder.append(piece)
      while let frame = decoder.next() { _ = try? frame.decodedUnit() }
      #expect(decoder.pendingByteCount < Frame.overheadByteCount + 512)
    }
  }

  @Test("a damaged frame costs only itself")
  func damaged() throws {
    var random = Seeded(7)
    let first = SampleFrames.report(cells: 96, using: &random)
    let second = SampleFrames.report(cells: 96, using: &random)
    var damaged = try first.encoded()
    damaged[100] ^= 0x10
    var decoder = FrameDecoder()
    decoder.append(damaged + (try second.encoded()))
    #expect(decoder.next() == second)
    #expect(decoder.next() == nil)
    #expect(decoder.checksumFailureCount == 1)
    #expect(decoder.discardedByteCount == damaged.count)
  }

  @Test("start bytes inside a data unit do not split its frame")
  func startBytesInside() throws {
    let name = try #require(UniqueIdentifier("XTEST000000000001"))
    let inner = try Frame(edition: .edition2016, command: .heartbeat, identifier: name).encoded()
    let outer = Frame(
      edition: .edition2016, command: Command(rawValue: 0xC0), identifier: name,
      unit: inner + inner)
    var decoder = FrameDecoder()
    decoder.append(try outer.encoded())
    #expect(decoder.next() == outer)
    #expect(decoder.next() == nil)
  }

  @Test("a header that states too long a unit is not believed")
  func oversized() throws {
    let name = try #require(UniqueIdentifier("XTEST000000000001"))
    let long = Frame(
      edition: .edition2025, command: .realTimeReport, identifier: name,
      unit: Array(repeating: 0, count: 1_000))
    let good = Frame(edition: .edition2025, command: .heartbeat, identifier: name)
    var decoder = FrameDecoder(maximumUnitLength: 999)
    decoder.append(try long.encoded() + good.encoded())
    #expect(decoder.next() == good)
    #expect(decoder.oversizedCount == 1)
    #expect(throws: CodecError.unitTooLong(length: 1_000, limit: 999)) {
      try Frame(bytes: long.encoded(), maximumUnitLength: 999)
    }
  }

  @Test("giving up a stalled false frame frees the good one behind it")
  func stalled() throws {
    let name = try #require(UniqueIdentifier("XTEST000000000001"))
    let good = Frame(edition: .edition2016, command: .heartbeat, identifier: name)
    let promise = Frame(
      edition: .edition2016, command: .realTimeReport, identifier: name,
      unit: Array(repeating: 1, count: 5_000))
    var decoder = FrameDecoder()
    decoder.append(try promise.encoded().prefix(24) + good.encoded())
    #expect(decoder.next() == nil)
    #expect(decoder.pendingByteCount > 0)
    decoder.dropStalled()
    #expect(decoder.next() == good)
    #expect(decoder.pendingByteCount == 0)
  }
}
