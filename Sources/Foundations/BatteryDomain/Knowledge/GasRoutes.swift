// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the gases of a failing liquid lithium-ion cell come from.

/// A route by which a liquid lithium-ion cell makes gas.
public struct GasRoute: Codable, Hashable, Sendable {
  /// Where it happens.
  public let place: String
  /// Formulas of the gases it makes.
  public let products: [String]

  /// All routes. Source: ``Source/batterySafetyReview``.
  public static let lithiumLiquid: [GasRoute] = [
    .init(place: "cathode", products: ["CO2", "CO", "H2O"]),
    .init(place: "anode, two-electron reduction", products: ["CO"]),
    .init(place: "anode, one-electron reduction", products: ["C2H4", "CH4", "C2H6"]),
    .init(place: "traces of water", products: ["H2", "HF", "POF3"]),
  ]
}
