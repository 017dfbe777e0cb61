// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The force of a swelling cell on what holds it.

/// What holds a cell between its large faces.
public protocol CellFixture: Sendable {
  /// Force on the faces, in newtons; never negative, since a fixture cannot pull.
  ///
  /// - Parameter thicknessChange: Change of the free thickness of the cell since it was clamped,
  ///   in metres.
  /// - Returns: The force.
  func force(thicknessChange: Double) -> Double
}

/// A cell that is free to swell.
public struct FreeFixture: CellFixture {
  /// Creates the null fixture.
  public init() {}

  /// Force on the faces: none.
  public func force(thicknessChange: Double) -> Double { 0 }
}

/// A fixture and a cell that yield like two springs in series: `F = F₀ + Δh/(1/k_f + 1/k_c)`.
///
/// - Reference: Yuan et al. (2022), doi:10.1016/j.xcrp.2022.101158, for the force of cells between
///   rigid plates.
public struct ElasticFixture: CellFixture {
  /// Stiffness of the fixture, in N/m.
  public var stiffness: Double
  /// Stiffness of the cell across its layers, in N/m; infinite for a rigid one.
  public var cellStiffness: Double
  /// Force of clamping, in newtons.
  public var preload: Double

  /// Creates a fixture.
  public init(stiffness: Double, cellStiffness: Double = .infinity, preload: Double = 0) {
    self.stiffness = stiffness
    self.cellStiffness = cellStiffness
    self.preload = preload
  }

  /// Force on the faces, in newtons.
  public func force(thicknessChange: Double) -> Double {
    max(0, preload + thicknessChange / (1 / stiffness + 1 / cellStiffness))
  }
}
