// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a cell model must tell to stand for a part of a cell.

/// A cell model that can stand for a part of a cell with its own temperature.
///
/// Under voltage control the row of the current must read `voltage − target`, and with
/// ``ThermalModel/lumped`` an evaluation of the right side must leave the heat generated.
public protocol ZoneCellModel: ElectrochemicalModel, ~Copyable {
  /// Index of the temperature among the unknowns.
  var temperatureUnknown: Int { get }
  /// Index of the current among the unknowns.
  var currentUnknown: Int { get }
  /// Heat generated at the last evaluation, in watts.
  var generatedHeat: Double { get }
}

extension SingleParticleModel: ZoneCellModel {
  /// Index of the temperature among the unknowns.
  public var temperatureUnknown: Int { temperatureIndex }
  /// Index of the current among the unknowns.
  public var currentUnknown: Int { currentIndex }
  /// Heat generated at the last evaluation, in watts.
  public var generatedHeat: Double { heatRate }
}

extension PorousElectrodeModel: ZoneCellModel {
  /// Index of the temperature among the unknowns.
  public var temperatureUnknown: Int { temperatureIndex }
  /// Index of the current among the unknowns.
  public var currentUnknown: Int { currentIndex }
  /// Heat generated at the last evaluation, in watts.
  public var generatedHeat: Double { heatRate }
}
