// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of three-level limits: order, edges, temperature, unknowns.

import BatteryDomain
import Foundation
import Quantities
import Testing

@Suite("Limits")
struct LimitTests {
  static let source = Source("test data sheet")

  @Test("LFP: the charge voltage itself is allowed, the levels follow at 30 and 80 mV")
  func voltage() {
    let set = LimitSet.defaults(for: .lfp)
    func level(_ volts: Double) -> LimitLevel? {
      set.assessment(of: volts, as: .cellVoltage, while: .charge)?.level
    }
    #expect(level(3.65) == .within)
    #expect(level(3.66) == .maximumOperatingLimit)
    #expect(level(3.69) == .recommendedSafetyLimit)
    #expect(level(3.74) == .maximumSafetyLimit)
    #expect(level(2.0) == .within)
    #expect(level(1.96) == .recommendedSafetyLimit)
    #expect(level(1.9) == .maximumSafetyLimit)
    #expect(level(.nan) == nil)
    #expect(level(.infinity) == .maximumSafetyLimit)
  }

  @Test("NCM811: charging at freezing is refused, discharging is not")
  func activity() throws {
    let set = LimitSet.defaults(for: .ncm811)
    let cold = Temperature(celsius: -1).value
    let charge = try #require(set.assessment(of: cold, as: .cellTemperature, while: .charge))
    #expect(charge.level == .maximumSafetyLimit)
    #expect(charge.threshold == Temperature(celsius: 0).value)
    #expect(charge.limit?.side == .lower)
    let discharge = set.assessment(of: cold, as: .cellTemperature, while: .discharge)
    #expect(discharge?.level == .within && discharge?.limit == nil && discharge?.threshold == nil)
    #expect(
      set.assessment(of: Temperature(celsius: 57).value, as: .cellTemperature, while: .rest)?.level
        == .recommendedSafetyLimit)
  }

  @Test("What no limit can judge is nil, not good")
  func unknown() {
    let set = LimitSet.defaults(for: .potassiumIon)
    #expect(set.limits.isEmpty)
    #expect(set.assessment(of: 4, as: .cellVoltage, while: .rest) == nil)
    let ncm = LimitSet.defaults(for: .ncm523)
    #expect(ncm.assessment(of: 100, as: .cellCurrent, while: .charge) == nil)
  }

  @Test("default limits are ordered and inside out nowhere", arguments: Chemistry.allCases)
  func ordered(chemistry: Chemistry) {
    let set = LimitSet.defaults(for: chemistry)
    for activity in BatteryActivity.allCases {
      for quantity in LimitedQuantity.allCases {
        let limits = set.limits(of: quantity).filter { $0.activities.contains(activity) }
        let upper = limits.filter { $0.side == .upper }
        let lower = limits.filter { $0.side == .lower }
        #expect(upper.count <= 1 && upper.count == lower.count)
        for (high, low) in zip(upper, lower) {
          let value = { (curve: LimitCurve) in curve.points[0].value }
          #expect(value(low.operating) < value(high.operating))
          #expect(value(low.safety) < value(low.recommended))
          #expect(value(low.recommended) < value(low.operating))
          #expect(value(high.operating) < value(high.recommended))
          #expect(value(high.recommended) < value(high.safety))
        }
      }
    }
    let safety = chemistry.safety
    let charge = safety.window.chargeTemperature.value
    let limit = set.limits(of: .cellTemperature).first {
      $0.side == .upper && $0.activities.contains(.charge)
    }
    #expect(limit?.safety.points[0].value == charge?.upperBound.value)
  }

  @Test("A current limit that depends on temperature is interpolated and needs the temperature")
  func derating() throws {
    let charge = LimitCurve(points: [
      .init(temperature: Temperature(celsius: 0), value: 10),
      .init(temperature: Temperature(celsius: 20), value: 170),
      .init(temperature: Temperature(celsius: 45), value: 20),
    ])
    let set = LimitSet(
      LimitSet.currentLimits(
        charge: charge, discharge: LimitCurve(constant: 170), source: Self.source))
    func level(_ amperes: Double, _ celsius: Double?) -> LimitLevel? {
      set.assessment(
        of: amperes, as: .cellCurrent, while: .charge,
        at: celsius.map { Temperature(celsius: $0) })?.level
    }
    #expect(level(170, 20) == .within)
    #expect(level(174, 20) == .maximumOperatingLimit)
    #expect(level(176, 20) == .recommendedSafetyLimit)
    #expect(level(181, 20) == .maximumSafetyLimit)
    #expect(level(89, 10) == .within)
    #expect(level(91, 10) == .maximumOperatingLimit)
    #expect(level(11, -40) == .maximumSafetyLimit)
    #expect(level(20, 80) == .within)
    #expect(level(5, nil) == nil)
    #expect(level(5, .nan) == nil)
    #expect(
      set.assessment(of: 171, as: .cellCurrent, while: .discharge)?.level
        == .maximumOperatingLimit)
    #expect(charge.dependsOnTemperature && !LimitCurve(constant: 1).dependsOnTemperature)
  }

  @Test("A limit that cannot be judged does not hide one that is crossed")
  func mixed() {
    let derated = LimitCurve(points: [
      .init(temperature: Temperature(celsius: 0), value: 10),
      .init(temperature: Temperature(celsius: 20), value: 100),
    ])
    let fixed = LimitCurve(constant: 150)
    let limits = [derated, fixed].map { curve in
      ThreeLevelLimit(
        .cellCurrent, .upper, while: [.charge], operating: curve, recommended: curve,
        safety: curve, source: Self.source, note: "")
    }
    for set in [LimitSet(limits), LimitSet(limits.reversed())] {
      let high = set.assessment(of: 151, as: .cellCurrent, while: .charge)
      #expect(high?.level == .maximumSafetyLimit && high?.threshold == 150)
      #expect(set.assessment(of: 50, as: .cellCurrent, while: .charge) == nil)
      let known = set.assessment(
        of: 50, as: .cellCurrent, while: .charge, at: Temperature(celsius: 25))
      #expect(known?.level == .within)
    }
  }

  @Test("A larger value is never judged milder by an upper limit")
  func monotonic() {
    var generator = SplitMix(state: 23)
    let limit = LimitSet.defaults(for: .nca).limits(of: .cellVoltage).first { $0.side == .upper }
    for _ in 0..<500 {
      let a = Double.random(in: 4...4.5, using: &generator)
      let b = Double.random(in: 4...4.5, using: &generator)
      guard let low = limit?.level(of: min(a, b)), let high = limit?.level(of: max(a, b)) else {
        Issue.record("a plain voltage must be judged")
        return
      }
      #expect(low <= high)
    }
  }

  @Test("Levels name their reaction and severity")
  func levels() {
    #expect(LimitLevel.allCases == LimitLevel.allCases.sorted())
    #expect(LimitLevel.allCases.map(\.severity) == [nil, .watch, .act, .stop])
    #expect(Set(LimitLevel.allCases.map(\.reaction)).count == 4)
    #expect(LimitLevel(rawValue: "msl") == .maximumSafetyLimit)
  }

  @Test("Limits survive a JSON round trip", arguments: Chemistry.allCases)
  func codable(chemistry: Chemistry) throws {
    let set = LimitSet.defaults(for: chemistry)
    let data = try JSONEncoder().encode(set)
    #expect(try JSONDecoder().decode(LimitSet.self, from: data) == set)
  }

  @Test(
    "limits that make no sense are refused when read",
    arguments: [
      #"{"points":[]}"#,
      #"{"points":[{"temperature":300,"value":1},{"temperature":300,"value":2}]}"#,
      #"{"points":[{"temperature":310,"value":1},{"temperature":300,"value":2}]}"#,
    ])
  func refusedCurve(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LimitCurve.self, from: Data(text.utf8))
    }
  }

  @Test("Levels out of order are refused when read")
  func refusedOrder() throws {
    let limit = try #require(LimitSet.defaults(for: .lfp).limits(of: .cellVoltage).first)
    let text = String(decoding: try JSONEncoder().encode(limit), as: UTF8.self)
    let swapped = text.replacingOccurrences(of: "\"operating\"", with: "\"x\"")
      .replacingOccurrences(of: "\"safety\"", with: "\"operating\"")
      .replacingOccurrences(of: "\"x\"", with: "\"safety\"")
    #expect(swapped != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ThreeLevelLimit.self, from: Data(swapped.utf8))
    }
  }
}
