// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Names of fault classes in files and reports.

public import BMSCore

extension FaultClass {
  /// All classes in the order of their rows.
  public static let all: [FaultClass] = (0..<UInt8(count)).compactMap(FaultClass.init(rawValue:))

  /// The name as in files: `internal_short`.
  public var fileName: String { Self.fileNames[row] }

  /// The name as people read it: `internal short`.
  public var title: String { fileName.replacing("_", with: " ") }

  /// The class of a name in a file.
  public init?(fileName: String) {
    guard let row = Self.fileNames.firstIndex(of: fileName) else { return nil }
    self = Self.all[row]
  }

  /// Unit of the indicator and the limits; empty for a ratio or a count.
  public var unit: String {
    switch self {
    case .cellOverVoltage, .cellUnderVoltage, .packOverVoltage, .packUnderVoltage, .voltageSpread,
      .suddenDrop, .sumDisagreement, .sensorStuck:
      "V"
    case .chargeOverCurrent, .dischargeOverCurrent: "A"
    case .chargeOverTemperature, .dischargeOverTemperature, .chargeUnderTemperature,
      .dischargeUnderTemperature, .temperatureSpread, .coolingFailure:
      "K"
    case .temperatureRise: "K/s"
    case .currentLimitIgnored, .currentOffset: "1/h"
    case .insulation: "Ω/V"
    case .internalShort: "Ω"
    case .selfDischarge: "V/day"
    case .balancingSurplus, .restDrift: "1/day"
    case .estimatorDead: "ms"
    default: ""
    }
  }

  private static let fileNames: [String] = all.map { fault in
    "\(fault)".reduce(into: "") { name, letter in
      if letter.isUppercase { name += "_" }
      name += letter.lowercased()
    }
  }
}
