// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Strategies of intrinsic safety with their maturity.

/// A strategy that makes a cell or pack safer by its design, with its maturity.
///
/// The intrinsic-safety maturity readiness level (IMRL) runs from 1 (idea) to 5 (in products).
/// Transfer of a strategy between chemistries is never assumed.
public struct SafetyStrategy: Codable, Hashable, Sendable {
  /// The strategy.
  public let name: String
  /// The variant that was graded.
  public let variant: String
  /// Range of maturity levels, within 1…5.
  public let maturity: ClosedRange<Int>
  /// The control nodes it acts on, by the reading of this project.
  public let nodes: [ControlNode]

  /// Maturity levels that exist.
  public static let levels = 1...5

  /// Where names, variants and maturity come from (table 2).
  public static let source = Source.batterySafetyReview

  /// The graded strategies.
  public static let all: [SafetyStrategy] = [
    .init(
      name: "cathode modification",
      variant:
        "element doping (Mn, Na, Zr, Ti, multi-element); surface coating (fluoride, phosphate, oxide)",
      maturity: 4...5, nodes: [.particleIntegrity, .interfaceStability]),
    .init(
      name: "anode SEI", variant: "in-situ additives (LiF-, Li3N-, Li2S-rich)", maturity: 4...5,
      nodes: [.interfaceStability, .plating]),
    .init(
      name: "anode SEI", variant: "artificial interface (ALD Al2O3, interlayers)",
      maturity: 3...4, nodes: [.interfaceStability, .plating]),
    .init(
      name: "lithium compensation",
      variant: "pre-lithiation (Li-naphthalene, Li-dimethylbiphenyl)", maturity: 3...4,
      nodes: [.electrodeIntegrity]),
    .init(
      name: "lithium compensation", variant: "external supply (LiSO2CF3 additive)",
      maturity: 1...2, nodes: [.electrodeIntegrity]),
    .init(
      name: "solid electrolyte", variant: "ceramic, sulfide, phosphate, polymer",
      maturity: 2...3, nodes: [.separator, .gasPressure]),
    .init(
      name: "self-healing polymer electrolyte", variant: "dynamic disulfide + hydrogen bonds",
      maturity: 1...2, nodes: [.separator]),
    .init(
      name: "gel polymer electrolyte", variant: "PEO, PMMA; LiPF6, LiBF4, LiBOB",
      maturity: 3...4, nodes: [.separator, .gasPressure]),
    .init(
      name: "phase-change material", variant: "paraffin, PEG; graphene/CNT composites",
      maturity: 3...4, nodes: [.hotSpot, .thermalCoupling]),
    .init(
      name: "thermal insulation", variant: "silica aerogel, below 0.03 W/(m·K)",
      maturity: 5...5, nodes: [.thermalCoupling]),
    .init(
      name: "electrical architecture", variant: "cell fuses, current interrupt device",
      maturity: 5...5, nodes: [.faultIsolation]),
    .init(
      name: "structure, geometry", variant: "long thin \"blade\" cells", maturity: 5...5,
      nodes: [.hotSpot, .thermalCoupling]),
  ]
}
