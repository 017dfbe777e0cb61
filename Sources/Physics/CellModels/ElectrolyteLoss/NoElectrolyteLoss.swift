// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Electrodes that stay wet.

/// Electrodes that stay wet with fresh electrolyte.
public struct NoElectrolyteLoss: ElectrolyteLoss {
  /// Creates the null law.
  public init() {}

  /// What is left of the electrolyte: all.
  public func remainder(_ balance: ElectrolyteBalance) -> ElectrolyteRemainder {
    ElectrolyteRemainder()
  }
}
