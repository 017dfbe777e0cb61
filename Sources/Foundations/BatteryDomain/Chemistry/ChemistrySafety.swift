// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is known about the hazards and the operating window of a chemistry.

public import Quantities

/// How much gas a cell releases in thermal runaway.
public enum GasRelease: Hashable, Sendable {
  /// Volume per capacity of the cell.
  case perCapacity(ClosedRange<GasYield>)
  /// Mass of gas as a part of the mass of the cathode.
  case partOfCathodeMass(Ratio)

  /// For example `0.6–2.5 L/Ah`.
  public var text: String {
    switch self {
    case .perCapacity(let range):
      let ends = [range.lowerBound, range.upperBound].map {
        DecimalText.fixed($0.litresPerAmpereHour, fractionDigits: 2)
      }
      return "\(ends[0])–\(ends[1]) L/Ah"
    case .partOfCathodeMass(let part):
      return "\(DecimalText.fixed(part.percent, fractionDigits: 1)) % of the cathode mass"
    }
  }
}

/// The window in which a chemistry may be operated and stored.
///
/// These are reference ranges for plausibility and defaults. The data sheet of the cell decides.
public struct OperatingWindow: Hashable, Sendable {
  /// Cell voltage, empty to full.
  public let voltage: Fact<ClosedRange<Voltage>>
  /// Cell temperature while charging.
  public let chargeTemperature: Fact<ClosedRange<Temperature>>
  /// Cell temperature while discharging.
  public let dischargeTemperature: Fact<ClosedRange<Temperature>>
  /// Cell temperature in storage.
  public let storageTemperature: Fact<ClosedRange<Temperature>>
}

/// What is known about the hazards and the operating window of a chemistry.
///
/// Values depend on state of charge, ageing history, heating rate and chamber: these are decisive
/// variables, not footnotes. Ranges span the tests that the source reports.
public struct ChemistrySafety: Hashable, Sendable {
  /// The chemistry.
  public let chemistry: Chemistry
  /// Temperature at which runaway was triggered.
  public let runawayTrigger: Fact<ClosedRange<Temperature>>
  /// Highest temperature in runaway.
  public let runawayPeak: Fact<ClosedRange<Temperature>>
  /// Gas released in runaway.
  public let gas: Fact<GasRelease>
  /// Toxic gases and what was measured of them.
  public let toxic: Fact<[ToxicRelease]>
  /// Where the chemistry may be operated and stored.
  public let window: OperatingWindow

  /// What is known about a chemistry.
  ///
  /// - Complexity: O(1).
  public static func of(_ chemistry: Chemistry) -> ChemistrySafety {
    guard let row = byChemistry[chemistry] else {
      preconditionFailure("the safety table has no row for \(chemistry.rawValue)")
    }
    return row
  }

  private static let byChemistry = Dictionary(
    uniqueKeysWithValues: all.map { ($0.chemistry, $0) })
}

extension Chemistry {
  /// What is known about the hazards and the operating window.
  public var safety: ChemistrySafety { .of(self) }
}
