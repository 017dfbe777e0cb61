// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The heat network of a pack about its working point, one node a cell.

import BatteryDomain
public import PackModels
import Quantities

/// The linear heat network of a pack: `C·dT/dt = q − L·T + g·T_coolant + a·T_air`.
///
/// One node a cell, with the neighbours, gaps, barriers, plate and exposed faces of a pack file;
/// radiation is taken at 300 K. Enough for temperature differences in use, not for runaway.
public struct PackHeatModel: Sendable {
  /// Heat capacity of each cell, in J/K.
  public let capacities: [Double]
  /// Conductances between cells, in W/K: `(first, second, conductance)`.
  public let links: [(first: Int, second: Int, conductance: Double)]
  /// Conductance from each cell to the coolant, in W/K.
  public let coolant: [Double]
  /// Conductance from each cell to the air, in W/K.
  public let air: [Double]

  /// Number of cells.
  public var count: Int { capacities.count }

  /// A network from its parts.
  public init(
    capacities: [Double], links: [(first: Int, second: Int, conductance: Double)],
    coolant: [Double], air: [Double]
  ) {
    self.capacities = capacities
    self.links = links
    self.coolant = coolant
    self.air = air
  }

  /// The network of a pack file.
  ///
  /// - Parameter pack: The pack; its trigger and load do not matter.
  public init(_ pack: PackDescription) {
    let cell = pack.cell
    let (x, y, height, isRound) = Self.size(cell.geometry)
    let side = isRound ? Double.pi * x * height : 2 * (x + y) * height
    let bottom = isRound ? Double.pi * x * x / 4 : x * y
    capacities = Array(repeating: cell.heatCapacity, count: pack.cellCount)
    links = pack.arrangement.neighbours.map { pair in
      // Mean of the cell to its face: a quarter of the thickness, r/4 of a round one.
      let half = (pair.contact == .side ? y / 4 : isRound ? x / 8 : x / 4) / cell.conductivity
      let gap = isRound ? pair.gap + 0.045 * x : pair.gap
      var across = gap > 1e-6 ? gap / Self.conductivity(pack, gap) : pack.contactResistance
      let number = max(pair.first, pair.second)
      if pair.contact != .side, let barrier = pack.barrier, number % max(1, barrier.every) == 0 {
        let layer = gap > 1e-6 ? min(barrier.thickness, gap) : barrier.thickness
        let rest = max(0, gap - layer)
        across =
          layer / barrier.material.properties.conductivity + 2 * pack.contactResistance
          + (rest > 1e-6 ? rest / Self.conductivity(pack, rest) : 0)
      }
      return (pair.first, pair.second, pair.area / (2 * half + across))
    }
    let cold = (pack.cooling.plate * bottom) + pack.cooling.immersion * (side + 2 * bottom)
    coolant = Array(repeating: cold, count: pack.cellCount)
    let film = pack.cooling.convection + Self.radiation * pack.cooling.emissivity
    air = pack.arrangement.exposed.map { film * ($0 * side + bottom) }
  }

  /// Radiation between black surfaces at 300 K as a film, in W/(m²K).
  private static var radiation: Double {
    4 * PhysicalConstants.stefanBoltzmann * 300 * 300 * 300
  }

  private static func conductivity(_ pack: PackDescription, _ gap: Double) -> Double {
    let emissivity = pack.cooling.emissivity
    let exchange = emissivity > 0 && pack.filling == .air ? 1 / (2 / emissivity - 1) : 0
    return pack.filling.properties.conductivity + exchange * radiation * gap
  }

  private static func size(
    _ geometry: CellGeometry
  ) -> (x: Double, y: Double, height: Double, isRound: Bool) {
    switch geometry {
    case .cylindrical(let diameter, let height):
      (diameter.value, diameter.value, height.value, true)
    case .prismatic(let width, let thickness, let height),
      .pouch(let width, let thickness, let height):
      (thickness.value, width.value, height.value, false)
    }
  }

  /// The matrix of conductances `L`, `[count × count]`, row-major, symmetric.
  public var conductances: [Double] {
    var matrix = [Double](repeating: 0, count: count * count)
    for cell in 0..<count { matrix[cell * count + cell] = coolant[cell] + air[cell] }
    for link in links {
      matrix[link.first * count + link.first] += link.conductance
      matrix[link.second * count + link.second] += link.conductance
      matrix[link.first * count + link.second] -= link.conductance
      matrix[link.second * count + link.first] -= link.conductance
    }
    return matrix
  }

  /// Time in which the pack follows its coolant, in seconds.
  public var timeConstant: Double {
    let out = coolant.reduce(0, +) + air.reduce(0, +)
    return out > 0 ? capacities.reduce(0, +) / out : .infinity
  }
}
