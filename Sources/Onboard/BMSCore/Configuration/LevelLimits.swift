// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A limit in three levels, as the core uses it.

/// A limit in three levels: operating (record), recommended safety (warn and derate), maximum
/// safety (open). Values equal to a limit are not beyond it.
public struct LevelLimits<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Maximum operating limit (MOL).
  public var operating: Real
  /// Recommended safety limit (RSL), not inside the operating limit.
  public var recommended: Real
  /// Maximum safety limit (MSL), not inside the recommended limit.
  public var safety: Real

  /// A limit from its three levels, in coherent SI.
  public init(operating: Real, recommended: Real, safety: Real) {
    self.operating = operating
    self.recommended = recommended
    self.safety = safety
  }

  /// How many of the three levels a value exceeds upwards, 0 to 3; NaN exceeds none.
  public func levelsAbove(_ value: Real) -> UInt8 {
    value > safety ? 3 : value > recommended ? 2 : value > operating ? 1 : 0
  }

  /// How many of the three levels a value exceeds downwards, 0 to 3; NaN exceeds none.
  public func levelsBelow(_ value: Real) -> UInt8 {
    value < safety ? 3 : value < recommended ? 2 : value < operating ? 1 : 0
  }

  /// Shows the three levels to a visitor as a list.
  mutating func visit<V: ConfigurationVisitor>(
    _ visitor: inout V, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) {
    var levels: InlineArray<3, Real> = [operating, recommended, safety]
    visitor.numbers(&levels, key, unit: unit, in: range, meaning)
    operating = levels[0]
    recommended = levels[1]
    safety = levels[2]
  }

  var risesOutward: Bool { operating <= recommended && recommended <= safety }
  var fallsOutward: Bool { operating >= recommended && recommended >= safety }
}
