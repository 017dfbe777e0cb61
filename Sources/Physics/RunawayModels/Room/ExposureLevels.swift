// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Acute exposure levels of the toxic gases.

public import BatteryDomain

/// Acute exposure guideline levels of the US Environmental Protection Agency.
///
/// Mole fractions in ppm for exposures of 10 min, 30 min, 1 h, 4 h and 8 h. Level 2: lasting harm or
/// hindered escape; level 3: danger to life. Source: EPA, Acute Exposure Guideline Levels, final
/// values (HF 2004, CO 2010, H₂S 2010, SO₂ 2010, HCN 2002), second hand.
public struct ExposureLevels: Hashable, Sendable {
  /// Durations of the columns, in seconds.
  public static let durations: [Double] = [600, 1_800, 3_600, 14_400, 28_800]
  /// Level 2, in ppm.
  public let level2: [Double]
  /// Level 3, in ppm.
  public let level3: [Double]

  /// Levels of a gas.
  public static func of(_ gas: ToxicGas) -> ExposureLevels {
    switch gas {
    case .hydrogenFluoride:
      ExposureLevels(level2: [95, 34, 24, 12, 12], level3: [170, 62, 44, 22, 22])
    case .carbonMonoxide:
      ExposureLevels(level2: [420, 150, 83, 33, 27], level3: [1_700, 600, 330, 150, 130])
    case .hydrogenSulfide:
      ExposureLevels(level2: [41, 32, 27, 20, 17], level3: [76, 59, 50, 37, 31])
    case .sulfurDioxide:
      ExposureLevels(level2: [0.75, 0.75, 0.75, 0.75, 0.75], level3: [30, 30, 30, 19, 9.6])
    case .hydrogenCyanide:
      ExposureLevels(level2: [17, 10, 7.1, 3.5, 2.5], level3: [27, 21, 15, 8.6, 6.6])
    }
  }
}
