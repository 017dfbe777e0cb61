// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Shapes of cells with their volumes and surfaces.

public import Quantities

/// The outer shape of a cell, without terminals and tabs.
public enum CellGeometry: Codable, Hashable, Sendable {
  /// A round cell.
  case cylindrical(diameter: Length, height: Length)
  /// A cell in a rigid rectangular can.
  case prismatic(width: Length, thickness: Length, height: Length)
  /// A cell in a foil pouch.
  case pouch(width: Length, thickness: Length, height: Length)

  /// The 18650 size: 18 mm × 65 mm, as its name says.
  public static let size18650 = CellGeometry.cylindrical(
    diameter: Length(millimetres: 18), height: Length(millimetres: 65))
  /// The 21700 size: 21 mm × 70 mm, as its name says.
  public static let size21700 = CellGeometry.cylindrical(
    diameter: Length(millimetres: 21), height: Length(millimetres: 70))

  /// The enclosed volume.
  public var volume: Volume {
    switch self {
    case .cylindrical(let diameter, let height):
      Volume(.pi / 4 * diameter.value * diameter.value * height.value)
    case .prismatic(let width, let thickness, let height),
      .pouch(let width, let thickness, let height):
      Volume(width.value * thickness.value * height.value)
    }
  }

  /// The whole outer surface.
  public var surface: Area {
    switch self {
    case .cylindrical(let diameter, let height):
      Area(.pi * diameter.value * (height.value + diameter.value / 2))
    case .prismatic(let width, let thickness, let height),
      .pouch(let width, let thickness, let height):
      Area(
        2
          * (width.value * thickness.value + thickness.value * height.value
            + height.value * width.value))
    }
  }

  /// Whether every dimension is positive and finite.
  public var isValid: Bool {
    let lengths =
      switch self {
      case .cylindrical(let diameter, let height): [diameter, height]
      case .prismatic(let width, let thickness, let height),
        .pouch(let width, let thickness, let height):
        [width, thickness, height]
      }
    return lengths.allSatisfy { $0.isFinite && $0 > .zero }
  }
}
