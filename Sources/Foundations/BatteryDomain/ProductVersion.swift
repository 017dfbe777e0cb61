// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The name and version of this software, as reports, pages and `--version` show it.

/// The name and version of this software.
public enum ProductVersion {
  /// The name of the product.
  public static let name = "Anodyne"
  /// The version, by semantic versioning.
  public static let current = "0.1.0"
  /// What the software must not be taken for; shown on every report and page.
  public static let notice =
    "Anodyne is not a certified safety function. Its findings support the judgement of a qualified "
    + "engineer; they replace neither the protection of the battery management system nor the "
    + "instructions of the manufacturer."
}
