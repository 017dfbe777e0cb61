// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a live source said about one asset at one moment.

public import BatteryDomain

/// What a live source said about one asset at one moment.
public struct SourceReading: Hashable, Sendable {
  /// Name of the asset.
  public var asset: String
  /// Seconds since 1970-01-01T00:00:00Z.
  public var time: Double
  /// Values in coherent SI, discharge positive; one for a scalar, many for cells and probes.
  public var values: [QuantityKey: [Double]]

  /// Creates a reading.
  public init(asset: String, time: Double, values: [QuantityKey: [Double]]) {
    self.asset = asset
    self.time = time
    self.values = values
  }
}
