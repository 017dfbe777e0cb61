// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The housing of a pack: compartments in a row, openings between them, a vent with a burst panel.

import Foundation

/// The housing of a pack as far as gas is concerned, in SI units.
///
/// The free space is cut into equal compartments along one direction. Gas of a cell enters the
/// compartment it stands in, passes the openings to the next ones, and leaves through the pack vent
/// once its panel has burst, or through the breather, which is always open.
public struct PackEnclosure: Hashable, Sendable {
  /// The direction along which compartments follow each other.
  public enum Direction: String, CaseIterable, Hashable, Sendable {
    /// Along rows of cells.
    case along
    /// Across the rows.
    case across
  }

  /// Free volume of gas, in m³.
  public var volume: Double
  /// Number of compartments.
  public var compartments = 1
  /// Direction of the row of compartments.
  public var direction = Direction.along
  /// Open area between neighbouring compartments, in m².
  public var openingArea = 2e-3
  /// Compartment of the pack vent, from 0.
  public var ventCompartment = 0
  /// Open area of the pack vent once its panel has burst, in m².
  public var ventArea = 1e-3
  /// Pressure above the surroundings at which the panel bursts, in Pa.
  public var burstPressure = 1e4
  /// Area of the breather, in m².
  public var breatherArea = 2e-6
  /// Pressure above the surroundings at which the housing itself tears open, in Pa.
  public var tearPressure = 1e5
  /// Heat transfer between gas and surfaces, in W/(m²K).
  public var convection = 20.0
  /// Mass of lid and walls that the gas can reach, in kg, of aluminium.
  public var wallMass = 5.0

  /// Creates a housing of a free volume in m³.
  public init(volume: Double) { self.volume = volume }

  /// Area of the walls: those of a flat box four times as long and wide as high, in m².
  public var wallArea: Double {
    let height = cbrt(max(0, volume) / 16)
    return 2 * 16 * height * height + 4 * 4 * height * height
  }

  /// Compartment of every cell, from 0, by its place.
  ///
  /// - Parameter places: Centres of the cells.
  /// - Returns: One compartment a cell.
  public func compartments(of places: [CellPlace]) -> [Int] {
    let positions = places.map { direction == .along ? $0.x : $0.y }
    let low = positions.min() ?? 0
    let width = (positions.max() ?? 0) - low
    return positions.map { position in
      guard width > 1e-9 else { return 0 }
      return min(compartments - 1, Int(Double(compartments) * (position - low) / width))
    }
  }
}
