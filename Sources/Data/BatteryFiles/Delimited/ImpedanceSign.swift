// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether an instrument prints the imaginary part with its sign or negated.

import BatteryDomain

/// Whether an instrument prints the imaginary part with its sign or negated.
enum ImpedanceSign {
  /// Flips the imaginary column of a plan where the printed phase says so.
  ///
  /// Phase is `atan2(Z'', Z')`: with a positive real part it has the sign of `Z''`. Where most rows
  /// of the sample disagree, the instrument prints `−Z''`.
  ///
  /// - Parameters:
  ///   - plan: A plan of impedance data.
  ///   - header: The column titles.
  ///   - sample: Fields of the first rows.
  ///   - point: The decimal mark.
  static func check(
    _ plan: inout TablePlan, header: [HeaderName], sample: [[[UInt8]]], point: UInt8
  ) {
    guard plan.kind == .impedance,
      let imaginary = plan.columns.firstIndex(where: {
        $0.schema.quantity == .impedanceImaginary
      }),
      let phase = header.firstIndex(where: {
        $0.name == "phase" || $0.name == "phase(z)" || $0.name == "zphz"
      })
    else { return }
    let source = plan.columns[imaginary].source
    let factor = plan.columns[imaginary].schema.scale
    var agree = 0
    var disagree = 0
    for row in sample where row.count > max(phase, source) {
      guard let angle = number(row[phase], point), let part = number(row[source], point),
        angle != 0, part != 0, angle.magnitude < 90.5
      else { continue }
      if (angle > 0) == (part * factor > 0) { agree += 1 } else { disagree += 1 }
    }
    guard disagree > agree else { return }
    plan.columns[imaginary].schema.scale = -factor
    plan.columns[imaginary].schema.offset = -plan.columns[imaginary].schema.offset
    plan.notes.append("the imaginary part is printed against the sign of the phase: flipped")
  }

  private static func number(_ field: [UInt8], _ point: UInt8) -> Double? {
    field.withUnsafeBufferPointer { DecimalParser.parse($0, decimalPoint: point) }
  }
}
