// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The toxic gases of failing cells and the concentrations that are dangerous.

public import Quantities

/// A toxic gas that a failing cell can release.
public enum ToxicGas: String, CaseIterable, Codable, Hashable, Sendable {
  /// Hydrogen fluoride, from fluorinated salts and binders with water.
  case hydrogenFluoride = "hydrogen_fluoride"
  /// Carbon monoxide, from carbonates at both electrodes.
  case carbonMonoxide = "carbon_monoxide"
  /// Hydrogen sulfide, from sulfides with water.
  case hydrogenSulfide = "hydrogen_sulfide"
  /// Sulfur dioxide, from sulfides with oxygen.
  case sulfurDioxide = "sulfur_dioxide"
  /// Hydrogen cyanide, from Prussian-blue cathodes.
  case hydrogenCyanide = "hydrogen_cyanide"

  /// Chemical formula in plain letters and digits.
  public var formula: String {
    switch self {
    case .hydrogenFluoride: "HF"
    case .carbonMonoxide: "CO"
    case .hydrogenSulfide: "H2S"
    case .sulfurDioxide: "SO2"
    case .hydrogenCyanide: "HCN"
    }
  }

  /// The concentration immediately dangerous to life or health, as a mole fraction in air.
  ///
  /// Source: ``Source/nioshIDLH``. For hydrogen sulfide the review of battery safety lists 20 ppm;
  /// that is the ceiling of the OSHA permissible exposure limit (29 CFR 1910.1000, table Z-2),
  /// not the IDLH of 100 ppm.
  public var immediatelyDangerous: Ratio {
    switch self {
    case .hydrogenFluoride: Ratio(partsPerMillion: 30)
    case .carbonMonoxide: Ratio(partsPerMillion: 1_200)
    case .hydrogenSulfide: Ratio(partsPerMillion: 100)
    case .sulfurDioxide: Ratio(partsPerMillion: 100)
    case .hydrogenCyanide: Ratio(partsPerMillion: 50)
    }
  }
}

/// A concentration that was measured, with the side of it that is known.
public enum MeasuredConcentration: Codable, Hashable, Sendable {
  /// More than this was measured.
  case above(Ratio)
  /// Less than this was measured.
  case below(Ratio)

  /// The stated bound.
  public var bound: Ratio {
    switch self {
    case .above(let bound), .below(let bound): bound
    }
  }

  /// For example `> 130 ppm`.
  public var text: String {
    let number = DecimalText.fixed(bound.partsPerMillion, fractionDigits: 0)
    switch self {
    case .above: return "> \(number) ppm"
    case .below: return "< \(number) ppm"
    }
  }
}

/// A toxic gas of a chemistry with what was measured of it.
public struct ToxicRelease: Hashable, Sendable {
  /// The gas.
  public let gas: ToxicGas
  /// What was measured in tests of the chemistry.
  public let measured: Fact<MeasuredConcentration>

  /// Whether a concentration above the dangerous one was measured; nil where the measurement
  /// cannot tell.
  public var exceedsDangerous: Bool? {
    switch measured.value {
    case .above(let bound): bound >= gas.immediatelyDangerous ? true : nil
    case .below(let bound): bound <= gas.immediatelyDangerous ? false : nil
    case nil: nil
    }
  }

  /// Creates an entry.
  public init(gas: ToxicGas, measured: Fact<MeasuredConcentration>) {
    self.gas = gas
    self.measured = measured
  }
}
