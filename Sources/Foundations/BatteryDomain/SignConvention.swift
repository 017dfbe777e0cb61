// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The sign conventions of the whole project, stated once.

/// The sign conventions of the whole project.
///
/// - Current out of the battery (discharge) is positive; charge current is negative.
/// - Charge and energy taken out are positive where a counter is signed.
/// - Heat into a cell is positive.
/// - Temperatures are kelvin inside, degrees Celsius only at the edges.
/// - Impedance is `Z = Z' + jZ''`; a capacitive arc has negative `Z''`.
/// - Time is UTC, in seconds since the Unix epoch, or seconds since the start of a test.
public enum SignConvention {
  /// Sign of a discharge current.
  public static let dischargeCurrent = 1.0
}
