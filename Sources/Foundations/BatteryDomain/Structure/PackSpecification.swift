// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a pack is: its cell and how the cells are wired.

public import Quantities

/// What a pack is: its cell and how the cells are wired.
public struct PackSpecification: Codable, Hashable, Sendable {
  /// Name of the platform or unit.
  public var name: String
  /// The cell.
  public var cell: CellSpecification
  /// How the cells are wired and watched.
  public var layout: PackLayout

  /// Creates a specification.
  public init(name: String, cell: CellSpecification, layout: PackLayout) {
    self.name = name
    self.cell = cell
    self.layout = layout
  }

  /// Voltage at the nominal cell voltage.
  public var nominalVoltage: Voltage { cell.nominalVoltage * Double(layout.seriesCount) }

  /// Capacity when new.
  public var nominalCapacity: Charge { cell.nominalCapacity * Double(layout.parallelCount) }

  /// Energy at nominal voltage and capacity.
  public var nominalEnergy: Energy { nominalVoltage * nominalCapacity }

  /// Pack voltage, empty to full; nil where the chemistry's voltage window is unknown.
  public var voltageWindow: ClosedRange<Voltage>? {
    guard let window = cell.chemistry.safety.window.voltage.value else { return nil }
    let count = Double(layout.seriesCount)
    return window.lowerBound * count...window.upperBound * count
  }

  /// Current of one cell when the pack carries a current.
  public func cellCurrent(atPackCurrent current: Current) -> Current {
    current / Double(layout.parallelCount)
  }

  /// Volume of gas, at most, if a number of cells go into runaway; nil where it is unknown.
  ///
  /// - Parameter cells: Number of cells in runaway.
  /// - Returns: The upper end of the chemistry's range, per capacity of the cell.
  public func largestGasVolume(failingCells cells: Int) -> Volume? {
    guard case .perCapacity(let range) = cell.chemistry.safety.gas.value else { return nil }
    return range.upperBound * cell.nominalCapacity * Double(cells)
  }
}
