// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The detectors that ship with the testbed.

extension DetectorKind {
  /// A Kalman filter a cell against its siblings.
  public static let siblings = DetectorKind(
    name: "siblings",
    summary: "Kalman filter of each cell against its siblings: leaks, small and resistive cells.",
    classes: [.internalShort, .capacityOutlier, .resistanceOutlier, .looseConnection]
  ) { SiblingShortDetector($0) }

  /// Rules with debounce.
  public static let rules = DetectorKind(
    name: "rules",
    summary:
      "Rules with debounce for faults that show in one quantity, sensors and links included.",
    classes: [
      .externalShort, .overcharge, .insulationLoss, .contactorWeld, .thermalRunaway, .swelling,
      .coolingFailure, .heaterStuck, .voltageSensor, .temperatureSensor, .currentSensor,
      .clockJump, .communicationLoss, .plating,
    ]
  ) { RuleDetector($0) }

  /// All detectors that ship with the testbed: two of its own, then the conventional ones.
  public static let all: [DetectorKind] = [
    .siblings, .rules,
    conventional("threshold", "Below the mean of the cells by 30 mV.", .threshold),
    conventional(
      "correlation", "Pearson correlation with both neighbours below 0.9 (Xia et al. 2017).",
      .correlation),
    conventional(
      "entropy", "Shannon entropy of the voltages, z-score above 4 (Wang et al. 2015).", .entropy),
    conventional("z-score", "Below the mean by four standard deviations.", .zScore),
    conventional(
      "impedance", "Dynamic impedance off the median by 30 % (Srinivasan et al. 2018).",
      .impedance),
    conventional("observer", "Residual of one observer a cell, 40 mV.", .observer),
  ]

  /// The detector of a name; nil where there is none.
  public static func named(_ name: String) -> DetectorKind? { all.first { $0.name == name } }

  private static func conventional(
    _ name: String, _ summary: String, _ measure: ConventionalDetector.Measure
  ) -> DetectorKind {
    DetectorKind(name: name, summary: summary, classes: [.internalShort]) {
      ConventionalDetector(measure, $0)
    }
  }
}
