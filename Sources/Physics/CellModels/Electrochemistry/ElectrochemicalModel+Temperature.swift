// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells brought to a temperature from outside.

extension PorousElectrodeModel {
  /// Writes the temperature of a state, in kelvin.
  public func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>) {
    state[temperatureIndex] = kelvin
  }
}

extension SingleParticleModel {
  /// Writes the temperature of a state, in kelvin.
  public func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>) {
    state[temperatureIndex] = kelvin
  }
}

extension CellFieldModel where Zone: ~Copyable {
  /// Writes one temperature everywhere, in kelvin.
  public func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>) {
    for k in 0..<zoneCount {
      state[k * zoneUnknowns + zones[k].temperatureUnknown] = kelvin
    }
    for i in 0..<field.count { state[nodeOffset + i] = kelvin }
  }
}

extension CircuitModel {
  /// Writes the temperature of a state, in kelvin; of core and surface where there are two.
  public func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>) {
    state[Self.temperatureIndex] = kelvin
    if division != nil { state[Self.surfaceIndex] = kelvin }
  }
}

extension SolidStateModel {
  /// Writes the temperature of a state, in kelvin.
  public func setTemperature(_ kelvin: Double, in state: UnsafeMutablePointer<Double>) {
    state[temperatureIndex] = kelvin
  }
}
