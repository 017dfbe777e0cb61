// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A temperature field with given heat as a system for the stiff integrator.

public import NumericalMethods

/// A temperature field with given heat as a system for the stiff integrator.
///
/// Unknowns are the temperatures of the volumes, in kelvin.
public struct HeatConduction: StiffSystem, ~Copyable {
  /// The field.
  public let field: ThermalField
  /// Heat into each volume, in watts.
  public var heat: [Double]
  /// Temperature of the surroundings of each face, in kelvin.
  public var surroundings: [Double]

  private let matrix: BandedFactorization

  /// Creates the system without heat.
  ///
  /// - Parameters:
  ///   - field: The field.
  ///   - surroundings: Temperature of the surroundings of all faces, in kelvin.
  public init(_ field: ThermalField, surroundings: Double) {
    self.field = field
    self.surroundings = [Double](repeating: surroundings, count: field.faceNames.count)
    heat = [Double](repeating: 0, count: field.count)
    let width = field.bandwidth
    matrix = BandedFactorization(size: field.count, lowerWidth: width, upperWidth: width)
  }

  /// Number of volumes.
  public var unknownCount: Int { field.count }

  /// Writes the heat capacities.
  public func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for i in 0..<field.count { mass[i] = field.capacities[i] }
  }

  /// Evaluates the heat that flows into each volume, in watts.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    for i in 0..<field.count { rates[i] = heat[i] }
    field.addFlows(state, surroundings: surroundings, to: rates)
    return true
  }

  /// Evaluates the flows and factors the matrix.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    field.factor(matrix, leading: leading)
      && evaluate(time: time, state: state, into: rates)
  }

  /// Solves with the last matrix, in place.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) { matrix.solve(right) }
}

extension ThermalField {
  /// Factors `leading·C + G`.
  func factor(_ matrix: borrowing BandedFactorization, leading: Double) -> Bool {
    matrix.clear()
    for i in 0..<count { matrix[i, i] = leading * capacities[i] }
    for link in links {
      matrix[link.first, link.first] += link.conductance
      matrix[link.second, link.second] += link.conductance
      matrix[link.first, link.second] -= link.conductance
      matrix[link.second, link.first] -= link.conductance
    }
    for boundary in boundaries { matrix[boundary.node, boundary.node] += boundary.conductance }
    return matrix.factor()
  }

  /// The steady temperatures under constant heat.
  ///
  /// - Parameters:
  ///   - heat: Into each volume, in watts.
  ///   - surroundings: Temperature of the surroundings of each face, in kelvin.
  /// - Returns: Temperatures, in kelvin; nil when no face conducts, so that there is no steady state.
  public func steady(heat: [Double], surroundings: [Double]) -> [Double]? {
    guard conductance > 0 else { return nil }
    let width = bandwidth
    let matrix = BandedFactorization(size: count, lowerWidth: width, upperWidth: width)
    guard factor(matrix, leading: 0) else { return nil }
    var right = heat
    for boundary in boundaries {
      right[boundary.node] += boundary.conductance * surroundings[boundary.face]
    }
    right.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { matrix.solve(base) }
    }
    return right
  }
}
