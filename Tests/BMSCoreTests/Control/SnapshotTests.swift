// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// State that survives sleep and a loss of power.

import BMSCore
import Testing

@Suite("Stored state")
struct SnapshotTests {
  typealias Image = StateImage<1024>

  func image(_ bench: Bench) -> Image {
    var image = Image.writing(layout: 1)
    bench.diagnosis.save(to: &image)
    bench.control.save(to: &image)
    image.seal()
    return image
  }

  func restored(_ bytes: [UInt8]) -> Bench? {
    var bench = Bench()
    guard var image = Image.reading(layout: 1, from: bytes.span) else { return nil }
    guard bench.diagnosis.restore(from: &image, configuration: bench.table),
      bench.control.restore(from: &image), image.isExhausted
    else { return nil }
    return bench
  }

  func bytes(_ image: Image) -> [UInt8] { (0..<image.count).map { image.bytes[$0] } }

  @Test("A latched thermal event is still latched after a loss of power, and nothing closes")
  func latched() throws {
    var bench = Bench.connected()
    bench.probes[0] = 350
    bench.disturb = { sample, _ in sample.gas = Measured(5000) }
    bench.run(seconds: 6)
    #expect(bench[.thermalEvent] == .safety)
    #expect(bench.state == .faulted)
    var after = try #require(restored(bytes(image(bench))))
    #expect(after.state == .faulted)
    after.request = .standby
    after.run(seconds: 5)
    #expect(after[.thermalEvent] == .safety)
    #expect(after.control.commands.contactors.isEmpty)
    #expect(after.trips.contains { $0.fault == .thermalEvent && $0.limitVersion == 7 })
    #expect(after.uptime > bench.uptime)
  }

  @Test("A severed pack stays severed over a loss of power; service ends it")
  func severed() throws {
    var bench = Bench.connected()
    bench.obeysLimits = false
    bench.load = 900
    bench.disturb = { sample, _ in
      sample.packVoltage = Measured(15)
      sample.linkVoltage = Measured(1)
    }
    bench.run(seconds: 0.1)
    #expect(bench.control.commands.firePyroFuse)
    var after = try #require(restored(bytes(image(bench))))
    after.request = .standby
    after.run(seconds: 2)
    #expect(after.control.commands.firePyroFuse && after.state == .severed)
    after.request = .off
    after.diagnosis.clearByService()
    after.control.clearByService()
    after.run(seconds: 1)
    #expect(after.state == .opened)
  }

  @Test("A healthy pack restores without a trip and goes on with its balancing plan")
  func healthy() throws {
    var bench = Bench()
    for cell in 0..<6 { bench.estimate.cellStateOfCharge[cell] = cell == 3 ? 0.52 : 0.5 }
    bench.run(seconds: 4000, every: 1000)
    var after = try #require(restored(bytes(image(bench))))
    after.estimate = bench.estimate
    after.run(seconds: 5, every: 1000)
    #expect(after.trips.isEmpty)
    #expect(after.control.commands.balancing[3] > 0)
  }

  @Test("Every damaged byte and every truncation is refused")
  func damaged() {
    let good = bytes(image(Bench.connected()))
    #expect(restored(good) != nil)
    for place in good.indices {
      var bad = good
      bad[place] ^= 0x10
      #expect(restored(bad) == nil)
    }
    for length in stride(from: 0, to: good.count, by: 7) {
      #expect(restored(Array(good[..<length])) == nil)
    }
    #expect(Image.reading(layout: 2, from: good.span) == nil)
  }

  @Test("An image too small for its content is not sealed as whole")
  func tooSmall() {
    var small = StateImage<100>.writing(layout: 1)
    Bench.connected().diagnosis.save(to: &small)
    small.seal()
    #expect(!small.isWhole && small.count == 0)
  }
}
