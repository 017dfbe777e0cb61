// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the vehicle page and its interface show.

public import BatteryDomain
public import FleetAnalytics

/// Everything known about one vehicle.
public struct VehicleDocument: Codable, Hashable, Sendable {
  /// When the document was made, in seconds since the Unix epoch.
  public var generatedAt: Double
  /// Id of the last frame that the assessment rests on.
  public var frameID: Int64
  /// Whether the vehicle is logged in.
  public var isConnected: Bool
  /// Collection time of the newest report, in seconds since the Unix epoch.
  public var lastReport: Double?
  /// When the last frame arrived, in seconds since the Unix epoch.
  public var lastReceived: Double?
  /// The assessment.
  public var assessment: VehicleAssessment
  /// Names and units for the charts, by quantity.
  public var labels: [Label]

  /// Name and display unit of a quantity.
  public struct Label: Codable, Hashable, Sendable {
    /// Machine name.
    public var quantity: QuantityKey
    /// Name in lower case.
    public var name: String
    /// Unit a person reads it in.
    public var unit: DisplayUnit
    /// Unit a person reads differences in.
    public var differenceUnit: DisplayUnit
  }

  /// The quantities that the page draws.
  static let labels: [Label] = [
    .cellVoltage, .packVoltage, .current, .probeTemperature, .stateOfCharge,
    .insulationResistance, .internalResistance, .capacity, .chargeEnergy, .alarmLevel,
  ].map { (key: QuantityKey) in
    Label(
      quantity: key, name: QuantityCatalogue.descriptor(of: key).name, unit: key.displayUnit,
      differenceUnit: key.deviationDisplayUnit)
  }
}
