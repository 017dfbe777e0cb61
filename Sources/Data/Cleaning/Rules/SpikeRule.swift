// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// When a single sample may be taken for a spike, and when never.

public import BatteryDomain

/// When a single sample may be taken for a telemetry spike.
///
/// A sample is withheld when it departs from its column's last good value, measured against the
/// mean of its siblings in the same row, by more than `rise` or `fall`. The next sample decides:
/// if it is back, the spike was isolated and stays out; if it still departs, the jump was real,
/// the withheld sample is given back in ``CleanedBatch/released`` and nothing is lost.
///
/// A failing cell must never be cleaned away, so a sample is **never** withheld when the current
/// changed with it (a weak cell sags under load), when other siblings jump in the same row, when
/// the column was withheld within the last `refractoryRows` (a loose contact repeats itself), or
/// when the fall is smaller than `fall`, which exceeds what a cell can lose and regain within one
/// sample.
public struct SpikeRule: Codable, Hashable, Sendable {
  /// The quantities the rule applies to.
  public var quantities: [QuantityKey]
  /// Rise above which a sample is suspected, in SI.
  public var rise: Double
  /// Fall beyond which a sample is suspected, in SI; positive.
  public var fall: Double
  /// Change of current that explains any jump, in amperes.
  public var explainingCurrentChange: Double

  /// Creates a rule.
  public init(
    quantities: [QuantityKey], rise: Double, fall: Double, explainingCurrentChange: Double
  ) {
    self.quantities = quantities
    self.rise = rise
    self.fall = fall
    self.explainingCurrentChange = explainingCurrentChange
  }

  /// The rules for battery data.
  ///
  /// A healthy cell changes by millivolts within a sample at steady current. A fall of 1 V and
  /// its full recovery within one sample at steady current is a lost digit, not chemistry. A cell
  /// body cannot warm and cool by 25 K within one sample.
  public static let known: [SpikeRule] = [
    SpikeRule(quantities: [.cellVoltage], rise: 0.3, fall: 1, explainingCurrentChange: 10),
    SpikeRule(quantities: [.voltage], rise: 0.3, fall: 1, explainingCurrentChange: 0.05),
    SpikeRule(
      quantities: [.probeTemperature, .cellTemperature], rise: 25, fall: 25,
      explainingCurrentChange: .infinity),
  ]
}
