// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stages of heating on the way to runaway, and the preferred range of operation.

public import Quantities

/// One stage of heating on the way to runaway.
public struct RunawayStage: Hashable, Sendable {
  /// What happens from this temperature on.
  public let event: String
  /// About where it begins.
  public let begins: Temperature
  /// The control node concerned.
  public let node: ControlNode
}

/// What happens in a liquid lithium-ion cell as it heats up, and where it is best operated.
///
/// Source of all values: ``Source/batterySafetyReview``. The stages are rounded marks for people
/// and plausibility; simulations use kinetics, never these numbers.
public enum RunawayLadder {
  /// Where the ladder comes from.
  public static let source = Source.batterySafetyReview

  /// Stages in order of temperature.
  public static let lithiumLiquid: [RunawayStage] = [
    .init(
      event: "decomposition of the anode interphase", begins: Temperature(celsius: 80),
      node: .interfaceStability),
    .init(
      event: "decomposition of the electrolyte with gas", begins: Temperature(celsius: 100),
      node: .gasPressure),
    .init(
      event: "oxygen release of the cathode", begins: Temperature(celsius: 180), node: .hotSpot),
  ]

  /// Preferred range of operation.
  public static let preferred = Temperature(celsius: 20)...Temperature(celsius: 40)

  /// What thermal control should aim at.
  public static let controlTarget = Temperature(celsius: 20)...Temperature(celsius: 25)

  /// Below this the resistance climbs.
  public static let coldMark = Temperature(celsius: 15)

  /// The last stage that has begun at a temperature; nil below the first and for NaN.
  ///
  /// - Parameter temperature: Cell temperature.
  /// - Returns: The stage a liquid lithium-ion cell has reached.
  public static func stage(at temperature: Temperature) -> RunawayStage? {
    lithiumLiquid.last { $0.begins <= temperature }
  }
}
