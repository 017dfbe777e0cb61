// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Repetitions, ambient temperatures and drive cycles in words: understanding and refusing.

import CellModels
import Testing

@Suite("Repetitions and surroundings in words")
struct ExperimentBlockTests {
  static func shape(_ texts: String...) throws -> [String] {
    try ExperimentBlock.blocks(texts).map { block in
      "\(block.repetitions)×" + block.steps.map { String($0.text.prefix(1)) }.joined()
    }
  }

  @Test("Repetitions are understood as people write them")
  func repetitions() throws {
    let a = "Discharge at 1C for 1 minute"
    #expect(try Self.shape(a, "Rest for 1 s") == ["1×DR"])
    #expect(try Self.shape("\(a); Rest for 1 s") == ["1×DR"])
    #expect(try Self.shape("Repeat 10 times: \(a); Rest for 1 s") == ["10×DR"])
    #expect(try Self.shape("(\(a); Rest for 1 s) * 10") == ["10×DR"])
    #expect(
      try Self.shape("(\(a); Rest for 1 s (1 s period)) x3", "Rest for 1 h") == ["3×DR", "1×R"])
    #expect(
      try Self.shape("Rest for 1 s", a, "Repeat 2: \(a)", "Rest for 1 s") == ["1×RD", "2×D", "1×R"])
    #expect(
      try Self.shape(
        "Repeat 2 times: (Repeat 3 times: (\(a); Rest for 1 s); Charge at 1 A for 1 s)")
        == ["2×DRDRDRC"])
    #expect(
      try Self.shape("repeat 2 times: Charge at 1 A for 1 s; (Rest for 1 s) * 2") == ["2×CRR"])
  }

  @Test(
    "A repetition that is not understood is named",
    arguments: zip(
      [
        "Repeat: Rest for 1 s", "Repeat ten times: Rest for 1 s", "Repeat 0 times: Rest for 1 s",
        "Repeat 3 times Rest for 1 s", "(Rest for 1 s", "(Rest for 1 s) / 2",
        "(Rest for 1 s) * two",
        "Repeat 3 times: Rest for 1 x", "Repeat 3 times:",
        "Repeat 9999999 times: (Rest for 1 s) * 9",
      ], ["Repeat", "ten", "0", "", "(", "/2", "two", "x", "", "89999991.0 steps"]))
  func refusing(text: String, word: String) {
    #expect {
      try ExperimentBlock.blocks([text])
    } throws: { error in
      guard let error = error as? ExperimentError else { return false }
      return error.word == word && !error.allowed.isEmpty
    }
  }

  @Test("Ambient temperatures, limits of temperature and periods are understood")
  func surroundings() throws {
    for text in [
      "Rest for 1 hour at 10 °C", "Rest at 10 degC for 1 hour", "Rest for 1 hour [10 oC]",
      "Rest for 1 hour @ 283.15 K", "rest for 60 mins at 10celsius",
    ] {
      let step = try ExperimentStep(text)
      #expect(abs((step.ambient ?? 0) - 283.15) < 1e-9 && step.duration == 3_600, "\(text)")
    }
    let cold = try ExperimentStep("Discharge at C/50 until 2.5 V at -10 °C (5 minute period)")
    #expect(abs((cold.ambient ?? 0) - 263.15) < 1e-9 && cold.interval == 300)
    #expect(cold.drive == .rate(0.02) && cold.stop == .voltage(2.5))
    #expect(try ExperimentStep("Set ambient to -10 °C").drive == .ambient(263.15))
    #expect(try ExperimentStep("set ambient temperature to 313.15 K").drive == .ambient(313.15))
    #expect(
      try ExperimentStep("Charge at 2C until 45 °C or for 1 h").stop == .temperature(318.15))
    #expect(try ExperimentStep("Discharge at 1e-3 A for 2 days").duration == 172_800)
  }

  @Test(
    "Impossible surroundings are named",
    arguments: zip(
      [
        "Rest for 1 hour at 10", "Rest for 1 hour at 10 C", "Rest for 1 hour at 900 °C",
        "Set ambient to 3 V", "Set ambient to 20 °C for 1 h", "Set temperature to 3 K",
        "Discharge at 1C for 1 h every 3 V", "Rest for -3 s",
      ], ["", "C", "°C", "V", "for", "temperature", "V", "-3"]))
  func refusedSurroundings(text: String, word: String) {
    #expect {
      try ExperimentStep(text)
    } throws: { error in
      guard let error = error as? ExperimentError else { return false }
      return error.word == word && !error.allowed.isEmpty
    }
  }

  @Test("Drive cycles are named, scaled and shortened in words")
  func following() throws {
    var asked: [String] = []
    let profile = try DriveProfile(kind: .current, times: [0, 10, 20], values: [0, 2, -1])
    func load(_ path: String) -> DriveProfile {
      asked.append(path)
      return profile
    }
    func step(_ text: String) throws -> ExperimentStep {
      try ExperimentStep(text, profiles: load)
    }
    #expect(try step("Follow drive.csv").drive == .profile(profile))
    let scaled = try step("Follow \"my (long) drive; 2.csv\" scaled by -0.5 for 15 s at 0 °C")
    #expect(scaled.drive == .profile(profile.scaled(by: -0.5)) && scaled.duration == 15)
    #expect(asked == ["drive.csv", "my (long) drive; 2.csv"])
    let blocks = try ExperimentBlock.blocks(
      ["Repeat 4 times: Follow \"a;b.csv\"; Rest for 1 s"], profiles: load)
    #expect(blocks.count == 1 && blocks[0].repetitions == 4 && blocks[0].steps.count == 2)
    for text in [
      "Follow", "Follow a.csv scaled by zero", "Follow a.csv scaled by 0", "Follow a.csv x",
    ] {
      #expect(throws: ExperimentError.self) { try step(text) }
    }
    #expect(throws: ExperimentError.self) { try ExperimentStep("Follow drive.csv") }
  }
}
