// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Shape, conductivities and tabs of a cell whose temperature is a field.

/// The shape of a cell.
public enum CellShape: Hashable, Sendable {
  /// A pouch or prismatic cell; thickness, width and height in metres.
  case slab(thickness: Double, width: Double, height: Double)
  /// A cylinder; radius of the core (0 for none), radius of the mantle and height in metres.
  case cylinder(core: Double, radius: Double, height: Double)
}

/// A tab on the upper edge of a flat cell.
public struct CellTab: Hashable, Sendable {
  /// Distance of its middle from the left edge, in metres.
  public var centre: Double
  /// Width, in metres.
  public var width: Double

  /// Creates a tab.
  public init(centre: Double, width: Double) {
    self.centre = centre
    self.width = width
  }
}

/// What a temperature field needs beside the heat parameters, in coherent SI.
public struct CellFieldParameters: Sendable {
  /// Shape.
  public var shape: CellShape
  /// Thermal conductivity across the layers, in W/(m·K).
  public var throughConductivity: Double
  /// Thermal conductivity along the layers, in W/(m·K).
  public var inPlaneConductivity: Double
  /// Conductance of the negative collectors of all pairs per square, in siemens.
  public var negativeSheetConductance = 0.0
  /// Conductance of the positive collectors of all pairs per square, in siemens.
  public var positiveSheetConductance = 0.0
  /// Tab of the negative collectors of a flat cell; ideal collectors without.
  public var negativeTab: CellTab?
  /// Tab of the positive collectors of a flat cell; ideal collectors without.
  public var positiveTab: CellTab?
  /// What the first large face or the mantle touches; the set's own convection when nil.
  public var firstFace: ThermalFace?
  /// What the second large face or the bottom touches; the set's own convection when nil.
  public var secondFace: ThermalFace?
  /// What the edges or the top touch; the set's own convection when nil.
  public var edges: ThermalFace?

  /// Creates parameters with ideal collectors, cooled by the set's own convection.
  public init(shape: CellShape, throughConductivity: Double, inPlaneConductivity: Double) {
    self.shape = shape
    self.throughConductivity = throughConductivity
    self.inPlaneConductivity = inPlaneConductivity
  }

  /// Conductivities of a stack of layers: in series across and in parallel along.
  ///
  /// - Parameter layers: Thickness in metres and conductivity in W/(m·K) of each.
  /// - Returns: Across and along, in W/(m·K).
  public static func stack(
    _ layers: [(thickness: Double, conductivity: Double)]
  ) -> (through: Double, inPlane: Double) {
    let total = layers.reduce(0) { $0 + $1.thickness }
    let resistance = layers.reduce(0) { $0 + $1.thickness / $1.conductivity }
    let conductance = layers.reduce(0) { $0 + $1.thickness * $1.conductivity }
    return (total / resistance, conductance / total)
  }

  /// The field of a cell.
  ///
  /// - Parameters:
  ///   - capacity: Heat capacity of the cell, in J/K.
  ///   - convection: Heat transfer coefficient of faces that are not set, in W/(m²·K).
  ///   - isPlanar: Two dimensions instead of one.
  ///   - counts: Volumes in the first and the second direction.
  /// - Returns: The field.
  /// - Throws: ``ParameterError`` naming the first impossible value.
  func makeField(
    capacity: Double, convection: Double, isPlanar: Bool, counts: (Int, Int)
  ) throws(ParameterError) -> ThermalField {
    let standard = ThermalFace.convection(coefficient: convection)
    let first = firstFace ?? standard
    let second = secondFace ?? standard
    let third = edges ?? standard
    try first.check("first face")
    try second.check("second face")
    try third.check("edges")
    try Self.above(throughConductivity, "Thermal conductivity through the layers [W.m-1.K-1]")
    try Self.above(inPlaneConductivity, "Thermal conductivity along the layers [W.m-1.K-1]")
    switch shape {
    case .slab(let thickness, let width, let height):
      try Self.above(thickness, "Cell thickness [m]")
      try Self.above(width, "Cell width [m]")
      try Self.above(height, "Cell height [m]")
      let size = SIMD3(thickness, width, height)
      let conductivity = (throughConductivity, inPlaneConductivity)
      if isPlanar {
        return .sheet(
          size: size, conductivity: conductivity, capacity: capacity,
          faces: (first, second, third), columns: counts.0, rows: counts.1)
      }
      return .slab(
        size: size, conductivity: conductivity, capacity: capacity, faces: (first, second, third),
        count: counts.0)
    case .cylinder(let core, let radius, let height):
      try Self.above(radius, "Cell radius [m]")
      try Self.above(height, "Cell height [m]")
      guard core >= 0, core < radius else {
        throw .outOfRange(key: "Core radius [m]", value: core, allowed: "0 to below \(radius)")
      }
      return .cylinder(
        radii: core...radius, height: height,
        conductivity: (throughConductivity, inPlaneConductivity), capacity: capacity,
        faces: (first, second, third), rings: counts.0, rows: isPlanar ? counts.1 : 1)
    }
  }

  private static func above(_ value: Double, _ key: String) throws(ParameterError) {
    guard value > 0, value.isFinite else {
      throw .outOfRange(key: key, value: value, allowed: "above 0")
    }
  }
}
