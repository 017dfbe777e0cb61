// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values of SunSpec models as quantities of the catalogue.

public import BatteryDomain
import Quantities
public import TelemetryCodec

/// Which direction of a current a source counts as positive.
public enum CurrentSign: String, CaseIterable, Sendable {
  /// Discharge is positive, as in this project.
  case discharge
  /// Charge is positive.
  case charge
}

/// Values of SunSpec models as quantities of the catalogue.
public enum SunSpecQuantities {
  /// Point of the model, quantity, factor and offset to coherent SI.
  private static let table: [String: (QuantityKey, Double, Double)] = [
    "V": (.packVoltage, 1, 0),
    "A": (.current, 1, 0),
    "W": (.power, 1, 0),
    "SoC": (.stateOfCharge, 0.01, 0),
    "SoH": (.stateOfHealth, 0.01, 0),
    "CellVMax": (.cellVoltageMaximum, 1, 0),
    "CellVMin": (.cellVoltageMinimum, 1, 0),
    "CellVAvg": (.cellVoltageMean, 1, 0),
    "ModTmpMax": (.probeTemperatureMaximum, 1, PhysicalConstants.celsiusZero),
    "ModTmpMin": (.probeTemperatureMinimum, 1, PhysicalConstants.celsiusZero),
    "ModTmpAvg": (.probeTemperatureMean, 1, PhysicalConstants.celsiusZero),
  ]

  /// The quantities among the values of a model.
  ///
  /// The specification leaves the direction of current and power to the device, so it must be
  /// said. Values of repeated groups are of strings, not of the whole, and are left out.
  ///
  /// - Parameters:
  ///   - values: Values of models 802 and 803.
  ///   - sign: Direction of current and power that the device counts as positive.
  /// - Returns: One value a quantity, in coherent SI, discharge positive.
  public static func quantities(
    of values: [SunSpecValue], sign: CurrentSign
  ) -> [QuantityKey: [Double]] {
    var found: [QuantityKey: [Double]] = [:]
    for value in values where value.group == nil {
      guard let (key, factor, offset) = table[value.name] else { continue }
      let isDirected = key == .current || key == .power
      found[key] = [value.value * (isDirected && sign == .charge ? -factor : factor) + offset]
    }
    return found
  }
}
