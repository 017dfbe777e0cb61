// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What two measures do to each other: synergy, antagonism, hazard.

/// What two measures or conditions do to each other; a design checker asks for these.
public struct CouplingRule: Codable, Hashable, Sendable {
  /// The first measure.
  public let first: String
  /// The second measure or condition.
  public let second: String
  /// What the pair does.
  public let effect: Effect
  /// Why, and what to do about it.
  public let reason: String

  /// What a pair does.
  public enum Effect: String, CaseIterable, Codable, Hashable, Sendable {
    /// The pair is safer than the sum of its parts.
    case synergy
    /// One undoes the other.
    case antagonism
    /// The pair creates a hazard.
    case hazard
    /// Helps under one condition and harms under another.
    case tradeOff = "trade_off"
  }

  /// Where the rules come from.
  public static let source = Source.batterySafetyReview

  /// The rules.
  public static let all: [CouplingRule] = [
    .init(
      first: "SEI", second: "solid electrolyte interphase engineering",
      effect: .synergy, reason: "listed as a synergy; no mechanism is given"),
    .init(
      first: "coating", second: "near-surface doping of high-nickel cathodes", effect: .synergy,
      reason: "listed as a synergy; no mechanism is given"),
    .init(
      first: "sulfide electrolyte", second: "functional cathode coating", effect: .synergy,
      reason: "listed as a synergy; no mechanism is given"),
    .init(
      first: "trimethyl phosphate", second: "ethylene carbonate", effect: .antagonism,
      reason:
        "the phosphate co-intercalates near 1.4 V before the carbonate reduces near 0.95 V: the interphase forms too late"
    ),
    .init(
      first: "pre-lithiation", second: "poor interfacial transport", effect: .hazard,
      reason: "risk of lithium plating"),
    .init(
      first: "phase-change material of high conductivity", second: "thermal runaway",
      effect: .tradeOff,
      reason: "helps before runaway, speeds propagation after it: pair it with insulation"),
    .init(
      first: "thermal barrier", second: "normal cooling", effect: .tradeOff,
      reason: "slows propagation, hurts normal cooling"),
  ]
}
