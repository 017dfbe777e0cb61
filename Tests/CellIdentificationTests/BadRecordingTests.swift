// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Recordings with wrong units, signs or gaps: each is refused in a line that says what to do.

import BatteryFiles
import CellIdentification
import CellModels
import Foundation
import Testing

@Suite("Bad recordings")
struct BadRecordingTests {
  private let slow = Truth.slow(Truth.circuit(), noise: 2e-4, seed: 4)
  private let pulses = Truth.pulses(Truth.circuit(), noise: 2e-4, seed: 3)

  private func changed(
    _ recording: Recording, name: String = "changed", current: (Double) -> Double = { $0 },
    voltage: (Double) -> Double = { $0 }, kelvin: (Double) -> Double = { $0 }
  ) -> Recording {
    Recording(
      name: name, times: recording.times, currents: recording.currents.map(current),
      voltages: recording.voltages.map(voltage), temperatures: recording.temperatures.map(kelvin))
  }

  /// The message of what circuits and slow tests say of recordings.
  private func refusal(_ recordings: [Recording]) -> String {
    do {
      _ = try CircuitIdentification(recordings, settings: Truth.settings)
      return "nothing"
    } catch {
      return error.description
    }
  }

  @Test("A slow test whose sign is reversed is refused, alone and beside good pulses")
  func reversedSlowTest() {
    let reversed = changed(Truth.slow(Truth.circuit(), noise: 0, seed: 1), current: { -$0 })
    // The charge of the test then is the longest discharge.
    #expect(throws: IdentificationError.wrongSign(recording: "changed")) {
      try OpenCircuitTest.all(in: [reversed])
    }
    #expect(refusal([reversed, pulses]).contains("current=-I[A]"))
  }

  @Test("Milliamperes taken for amperes in one file are refused with both charges")
  func milliamperes() {
    let text = refusal([slow, changed(pulses, current: { 1_000 * $0 })])
    #expect(text.contains("changed: moves") && text.contains("holds 2.5 Ah"), "\(text)")
    #expect(text.contains("unit of the current"))
    let other = refusal([changed(slow, current: { 1_000 * $0 }), pulses])
    #expect(other.contains("unit of its current"), "\(other)")
  }

  @Test("A slow test that stops half-way is refused beside a test that goes on")
  func halfSlowTest() {
    let end = slow.discharged.firstIndex { $0 > 4_500 } ?? slow.count
    let text = refusal([slow.prefix(end), pulses])
    #expect(text.contains("runs from full to empty"), "\(text)")
  }

  @Test("An unusual capacity is doubted")
  func capacity() throws {
    let test = try #require(OpenCircuitTest(changed(slow, current: { 5_000 * $0 })))
    #expect(test.doubt?.contains("unit of the current") == true)
    #expect(try #require(OpenCircuitTest(slow)).doubt == nil)
  }

  @Test("Kelvin taken for Celsius is refused, and what remains is fitted")
  func kelvin() throws {
    let text = refusal([changed(slow, kelvin: { $0 + 273.15 }), pulses])
    #expect(text.contains("298.1 °C") || text.contains("298.2 °C"), "\(text)")
    #expect(text.contains("cell_temperature=T[K]"))
    // Recordings without temperatures are taken at the assumed one.
    try Recording.check([
      Recording(
        name: "none", times: slow.times, currents: slow.currents, voltages: slow.voltages)
    ])
  }

  @Test("A voltage that does not move, and too few samples, are named with the recording")
  func flatAndShort() {
    let flat = refusal([slow, changed(pulses, name: "flat", voltage: { _ in 3.7 })])
    #expect(flat.contains("flat: the voltage stays at 3.7 V"), "\(flat)")
    let short = refusal([slow, pulses.prefix(1)])
    #expect(short.contains("can be used: 1; at least 20"), "\(short)")
    let empty = refusal([slow, changed(pulses, voltage: { _ in .nan })])
    #expect(empty.contains("can be used: 0"), "\(empty)")
  }

  @Test("Recordings given twice, and tests that are fitted, are refused")
  func twice() throws {
    #expect(refusal([slow, pulses, pulses]).contains("given twice"))
    #expect(refusal([slow, pulses, changed(pulses)]).contains("the same samples"))
    #expect(throws: IdentificationError.testIsFitted(recording: pulses.name)) {
      try Recording.tests(among: [pulses], fitted: [slow, pulses])
    }
    let single = pulses.prefix(1)
    #expect(throws: IdentificationError.self) {
      try Recording.tests(among: [single], fitted: [slow])
    }
    #expect(try Recording.tests(among: [single, pulses], fitted: [slow]).count == 1)
  }

  @Test("Recordings of two cells that fit no circuit are refused by the size of the error")
  func otherCell() {
    // As if the pulses were of a cell whose voltage falls where that of the other rises.
    let text = refusal([slow, changed(pulses, voltage: { 11.7 - 2 * $0 }, kelvin: { $0 })])
    #expect(text.contains("one cell") || text.contains("reversed"), "\(text)")
  }

  @Test("A table without time is taken a second a row, and that is said unless it was stated")
  func missingTime() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("anodyne-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("notime.csv").path
    let rows = (0..<40).map { "\(4.1 - 0.01 * Double($0)),\(-1.0),25" }
    try (["Voltage [V],Current [A],Temperature [degC]"] + rows).joined(separator: "\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let assumed = try RecordingLoader.load(path)
    #expect(Recording.assumptions(of: assumed).first?.contains("--interval") == true)
    let recordings = try RecordingLoader.load(path, options: .init(rowInterval: 60))
    #expect(abs(try #require(recordings.first).duration - 39 * 60) < 1e-6)
    #expect(Recording.assumptions(of: recordings).isEmpty)
  }
}
