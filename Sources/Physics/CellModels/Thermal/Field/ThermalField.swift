// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat conduction in a cell as finite volumes: storage and balances.

/// Heat conduction in a cell as finite volumes.
///
/// Volume `i` obeys `Cᵢ·dTᵢ/dt = Σⱼ Gᵢⱼ·(Tⱼ − Tᵢ) + Σ_f G_f·(u_f − Tᵢ) + qᵢ`. What leaves one volume
/// enters the next, so heat is conserved to rounding whatever the mesh; the error of temperatures
/// is of second order in the width of the volumes. Conductivities may differ by direction.
///
/// - Reference: Patankar (1980), Numerical Heat Transfer and Fluid Flow, chapter 4.
public struct ThermalField: Sendable {
  /// A path between two volumes.
  public struct Link: Hashable, Sendable {
    /// One volume.
    public let first: Int
    /// The other volume.
    public let second: Int
    /// Conductance, in W/K.
    public let conductance: Double
  }

  /// A path from a volume through a face to the surroundings.
  public struct Boundary: Hashable, Sendable {
    /// Index of the face in ``ThermalField/faceNames``.
    public let face: Int
    /// The volume.
    public let node: Int
    /// Area, in m².
    public let area: Double
    /// Conductance from the middle of the volume to the surroundings, in W/K.
    public let conductance: Double
    /// Share of the fall from the volume to the surroundings that lies inside the volume.
    public let inside: Double
  }

  /// Volumes along the first and the second direction; the first is fastest in memory.
  public let shape: (Int, Int)
  /// Middles of the volumes, in metres: through the thickness or along the radius or the width,
  /// and along the height.
  public let positions: [SIMD2<Double>]
  /// Sizes of the volumes, in m³.
  public let volumes: [Double]
  /// Heat capacities, in J/K.
  public let capacities: [Double]
  /// Paths between volumes.
  public let links: [Link]
  /// Paths to the surroundings.
  public let boundaries: [Boundary]
  /// Names of the faces, each with a temperature of its surroundings.
  public let faceNames: [String]
  /// Faces whose mean is the surface temperature.
  public let surfaceFaces: [Int]

  /// Number of volumes.
  public var count: Int { volumes.count }
  /// Heat capacity of the cell, in J/K.
  public var capacity: Double { capacities.reduce(0, +) }
  /// Conductance to all surroundings together, in W/K.
  public var conductance: Double { boundaries.reduce(0) { $0 + $1.conductance } }

  init(_ builder: ThermalFieldBuilder) {
    shape = builder.shape
    positions = builder.positions
    volumes = builder.volumes
    let total = builder.volumes.reduce(0, +)
    capacities = builder.volumes.map { builder.capacity * $0 / total }
    links = builder.links
    boundaries = builder.boundaries
    faceNames = builder.faceNames
    surfaceFaces = builder.surfaceFaces
  }

  /// Adds the heat that flows into each volume, in watts.
  ///
  /// - Parameters:
  ///   - temperatures: `[count]`, in kelvin.
  ///   - surroundings: Temperature of the surroundings of each face, in kelvin.
  ///   - heat: `[count]`; what flows in is added.
  /// - Returns: Heat lost to the surroundings, in watts.
  /// - Complexity: O(count).
  @discardableResult
  public func addFlows(
    _ temperatures: UnsafePointer<Double>, surroundings: [Double],
    to heat: UnsafeMutablePointer<Double>
  ) -> Double {
    for link in links {
      let flow =
        link.conductance * (temperatures[link.second] - temperatures[link.first])
      heat[link.first] += flow
      heat[link.second] -= flow
    }
    var lost = 0.0
    for boundary in boundaries {
      let flow = boundary.conductance * (temperatures[boundary.node] - surroundings[boundary.face])
      heat[boundary.node] -= flow
      lost += flow
    }
    return lost
  }

  /// Mean temperature, weighted by heat capacity, in kelvin.
  public func mean(_ temperatures: UnsafePointer<Double>) -> Double {
    // Relative to the first volume, so that a uniform field has exactly its own mean.
    let base = temperatures[0]
    var sum = 0.0
    for i in 0..<count { sum += capacities[i] * (temperatures[i] - base) }
    return base + sum / capacity
  }

  /// Temperature of one boundary's surface, in kelvin.
  public func surface(
    _ boundary: Boundary, _ temperatures: UnsafePointer<Double>, surroundings: [Double]
  ) -> Double {
    let inner = temperatures[boundary.node]
    return inner - boundary.inside * (inner - surroundings[boundary.face])
  }

  /// Mean temperature over the area of the surface, in kelvin.
  public func surfaceMean(
    _ temperatures: UnsafePointer<Double>, surroundings: [Double]
  ) -> Double {
    var sum = 0.0
    var area = 0.0
    for boundary in boundaries where surfaceFaces.contains(boundary.face) {
      sum += boundary.area * surface(boundary, temperatures, surroundings: surroundings)
      area += boundary.area
    }
    return area > 0 ? sum / area : mean(temperatures)
  }

  /// The largest distance of two linked volumes in memory.
  var bandwidth: Int { links.reduce(0) { max($0, abs($1.first - $1.second)) } }
}
