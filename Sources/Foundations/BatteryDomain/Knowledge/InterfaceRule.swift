// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which solid electrolytes react with which cathodes, and from what temperature.

public import Quantities

/// A rule on the thermal stability of a solid electrolyte against an electrode.
public struct InterfaceRule: Hashable, Sendable {
  /// The electrolyte class.
  public let electrolyte: String
  /// The electrode class; nil where the rule concerns the electrolyte with any electrode.
  public let electrode: String?
  /// What happens.
  public let effect: String
  /// About where it begins; nil where the rule is not about an onset.
  public let begins: Temperature?
  /// Where it comes from.
  public let source: Source

  /// The rules.
  public static let all: [InterfaceRule] = [
    .init(
      electrolyte: "sulfide", electrode: "high-nickel oxide", effect: "violent reaction",
      begins: Temperature(celsius: 150), source: .batterySafetyReview),
    .init(
      electrolyte: "sulfide", electrode: "phosphate cathode", effect: "violent reaction",
      begins: Temperature(celsius: 350), source: .batterySafetyReview),
    .init(
      electrolyte: "oxide", electrode: nil,
      effect:
        "some raise the peak heat-release rate from the 10² kW to the 10³ kW range: a wider material window is not a lower system risk",
      begins: nil, source: .batterySafetyReview),
  ]
}
