// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the cells of a pack stand, and which faces look at each other.

public import BatteryDomain
import Foundation
import Quantities

/// How cells are placed.
public enum ArrangementKind: String, CaseIterable, Hashable, Sendable {
  /// Face to face along the thickness, in rows side by side.
  case stack
  /// Round cells on a square grid.
  case square
  /// Round cells in the densest packing.
  case hexagonal
  /// Every cell at a stated place.
  case positions
}

/// A place of a cell's centre, in metres.
public struct CellPlace: Hashable, Sendable {
  /// Along a row (the thickness of flat cells).
  public var x: Double
  /// Across rows.
  public var y: Double

  /// Creates a place.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// Two cells whose surfaces look at each other.
public struct CellNeighbours: Hashable, Sendable {
  /// How the pair meets.
  public enum Contact: Hashable, Sendable {
    /// The large faces of flat cells.
    case face
    /// The narrow sides of flat cells.
    case side
    /// The mantles of round cells.
    case mantle
  }

  /// The cell with the smaller number, from 0.
  public var first: Int
  /// The other cell.
  public var second: Int
  /// How the pair meets.
  public var contact: Contact
  /// Area through which heat passes, in m².
  public var area: Double
  /// Distance between the surfaces, in metres.
  public var gap: Double
}

/// Places and neighbours of all cells.
public struct PackArrangement: Hashable, Sendable {
  /// Centres, by cell.
  public var places: [CellPlace]
  /// Pairs that exchange heat.
  public var neighbours: [CellNeighbours]
  /// Faces of each cell that look outwards, as a part of all its faces to the side, 0 to 1.
  public var exposed: [Double]

  /// Places cells in rows.
  ///
  /// - Parameters:
  ///   - geometry: Of every cell.
  ///   - kind: How cells are placed; ``ArrangementKind/positions`` is not for this initialiser.
  ///   - count: Number of cells.
  ///   - columns: Cells in a row; the last row may be shorter.
  ///   - gap: Distance between surfaces within a row, in metres.
  ///   - rowGap: Distance between rows, in metres.
  public init(
    geometry: CellGeometry, kind: ArrangementKind, count: Int, columns: Int, gap: Double,
    rowGap: Double
  ) {
    let size = Footprint(geometry)
    var places: [CellPlace] = []
    for index in 0..<count {
      let row = index / columns
      let column = index % columns
      switch kind {
      case .hexagonal:
        let pitch = size.x + gap
        let shift = row % 2 == 0 ? 0 : pitch / 2
        places.append(
          CellPlace(
            x: Double(column) * pitch + shift, y: Double(row) * pitch * 3.0.squareRoot() / 2))
      case .stack, .square, .positions:
        places.append(
          CellPlace(x: Double(column) * (size.x + gap), y: Double(row) * (size.y + rowGap)))
      }
    }
    self.init(geometry: geometry, places: places, reach: max(gap, rowGap) * 1.01 + 1e-6)
  }

  /// Takes cells at stated places.
  ///
  /// - Parameters:
  ///   - geometry: Of every cell.
  ///   - places: Centres.
  ///   - reach: Largest distance between surfaces that still exchange heat, in metres.
  /// - Complexity: O(*n* log *n*) for places that do not crowd.
  public init(geometry: CellGeometry, places: [CellPlace], reach: Double) {
    self.places = places
    let size = Footprint(geometry)
    var pairs: [CellNeighbours] = []
    let order = places.indices.sorted { places[$0].x < places[$1].x }
    for (position, i) in order.enumerated() {
      for j in order[(position + 1)...] {
        guard places[j].x - places[i].x <= size.x + reach else { break }
        if let pair = size.neighbours(i, j, places, reach: reach) { pairs.append(pair) }
      }
    }
    neighbours = pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
    var covered = [Double](repeating: 0, count: places.count)
    for pair in neighbours {
      covered[pair.first] += pair.area
      covered[pair.second] += pair.area
    }
    exposed = covered.map { max(0, 1 - $0 / size.sideArea) }
  }

  /// Pairs of cells that would share space.
  public static func overlaps(geometry: CellGeometry, places: [CellPlace]) -> [(Int, Int)] {
    let size = Footprint(geometry)
    var pairs: [(Int, Int)] = []
    let order = places.indices.sorted { places[$0].x < places[$1].x }
    for (position, i) in order.enumerated() {
      for j in order[(position + 1)...] {
        guard places[j].x - places[i].x < size.x else { break }
        if size.distance(places[i], places[j]) < -1e-9 { pairs.append((min(i, j), max(i, j))) }
      }
    }
    return pairs
  }

  /// Groups of cells between which no heat path exists; one group when all hang together.
  public var islands: [[Int]] {
    var parent = Array(places.indices)
    func root(_ i: Int) -> Int {
      var i = i
      while parent[i] != i { i = parent[i] }
      return i
    }
    for pair in neighbours { parent[root(pair.second)] = root(pair.first) }
    return Dictionary(grouping: places.indices, by: root).values.map { $0.sorted() }
      .sorted { $0[0] < $1[0] }
  }
}

/// The outline of a cell from above.
struct Footprint {
  let x: Double
  let y: Double
  let height: Double
  let isRound: Bool

  init(_ geometry: CellGeometry) {
    switch geometry {
    case .cylindrical(let diameter, let height):
      (x, y, isRound) = (diameter.value, diameter.value, true)
      self.height = height.value
    case .prismatic(let width, let thickness, let height),
      .pouch(let width, let thickness, let height):
      (x, y, isRound) = (thickness.value, width.value, false)
      self.height = height.value
    }
  }

  /// Area of all faces that can look at a neighbour, in m².
  var sideArea: Double { isRound ? .pi * x * height : 2 * (x + y) * height }

  /// Distance between two outlines; negative where they overlap.
  func distance(_ a: CellPlace, _ b: CellPlace) -> Double {
    let dx = abs(a.x - b.x)
    let dy = abs(a.y - b.y)
    if isRound { return (dx * dx + dy * dy).squareRoot() - x }
    let gapX = dx - x
    let gapY = dy - y
    if gapX > 0 && gapY > 0 { return (gapX * gapX + gapY * gapY).squareRoot() }
    return max(gapX, gapY)
  }

  func neighbours(_ i: Int, _ j: Int, _ places: [CellPlace], reach: Double) -> CellNeighbours? {
    let a = places[i]
    let b = places[j]
    let gap = distance(a, b)
    guard gap <= reach else { return nil }
    let (first, second) = (min(i, j), max(i, j))
    if isRound {
      // The sector of the mantle that looks at the neighbour: a sixth in the densest packing.
      let area = .pi * x * height / 6
      return CellNeighbours(
        first: first, second: second, contact: .mantle, area: area, gap: max(0, gap))
    }
    let overlapX = x - abs(a.x - b.x)
    let overlapY = y - abs(a.y - b.y)
    if overlapY > 1e-9, overlapX <= 1e-9 {
      return CellNeighbours(
        first: first, second: second, contact: .face, area: overlapY * height,
        gap: max(0, -overlapX))
    }
    if overlapX > 1e-9, overlapY <= 1e-9 {
      return CellNeighbours(
        first: first, second: second, contact: .side, area: overlapX * height,
        gap: max(0, -overlapY))
    }
    return nil
  }
}
