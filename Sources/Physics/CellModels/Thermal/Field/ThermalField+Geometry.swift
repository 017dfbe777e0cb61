// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Meshes of the shapes of cells: slab, radius, sheet, and radius with height.

/// Collects the volumes and paths of a field.
struct ThermalFieldBuilder {
  var shape = (0, 1)
  var positions: [SIMD2<Double>] = []
  var volumes: [Double] = []
  var links: [ThermalField.Link] = []
  var boundaries: [ThermalField.Boundary] = []
  var faceNames: [String] = []
  var surfaceFaces: [Int] = []
  var capacity = 0.0

  mutating func add(_ face: ThermalFace, _ index: Int, node: Int, area: Double, behind: Double) {
    let conductance = face.conductance(area: area, behind: behind)
    boundaries.append(
      ThermalField.Boundary(
        face: index, node: node, area: area, conductance: conductance,
        inside: conductance / behind))
  }

  mutating func link(_ first: Int, _ second: Int, _ conductance: Double) {
    links.append(ThermalField.Link(first: first, second: second, conductance: conductance))
  }
}

extension ThermalField {
  /// A slab, resolved through its thickness.
  ///
  /// The edges take part as a loss along the thickness; between the middle of the slab and an edge
  /// lies the resistance of a steady parabola, a sixth of the width.
  ///
  /// - Parameters:
  ///   - size: Thickness, width and height, in metres.
  ///   - conductivity: Through the thickness and in the plane, in W/(m·K).
  ///   - capacity: Heat capacity of the whole, in J/K.
  ///   - faces: First and second large face, and edges.
  ///   - count: Volumes through the thickness, at least one.
  /// - Returns: The field.
  public static func slab(
    size: SIMD3<Double>, conductivity: (through: Double, inPlane: Double), capacity: Double,
    faces: (first: ThermalFace, second: ThermalFace, edges: ThermalFace), count: Int
  ) -> ThermalField {
    let area = size.y * size.z
    let step = size.x / Double(count)
    var builder = ThermalFieldBuilder()
    builder.shape = (count, 1)
    builder.capacity = capacity
    builder.faceNames = ["first face", "second face", "edges"]
    builder.surfaceFaces = [0, 1]
    let between = conductivity.through * area / step
    for i in 0..<count {
      builder.positions.append(SIMD2((Double(i) + 0.5) * step, 0.5 * size.z))
      builder.volumes.append(area * step)
      if i > 0 { builder.link(i - 1, i, between) }
      for (length, across) in [(size.z, size.y), (size.y, size.z)] {
        let rim = 2 * length * step
        builder.add(
          faces.edges, 2, node: i, area: rim, behind: 6 * conductivity.inPlane * rim / across)
      }
    }
    builder.add(faces.first, 0, node: 0, area: area, behind: 2 * between)
    builder.add(faces.second, 1, node: count - 1, area: area, behind: 2 * between)
    return ThermalField(builder)
  }

  /// A flat cell, resolved in its plane; the thickness is a steady parabola.
  ///
  /// - Parameters:
  ///   - size: Thickness, width and height, in metres.
  ///   - conductivity: Through the thickness and in the plane, in W/(m·K).
  ///   - capacity: Heat capacity of the whole, in J/K.
  ///   - faces: First and second large face, and edges.
  ///   - columns: Volumes along the width.
  ///   - rows: Volumes along the height.
  /// - Returns: The field.
  public static func sheet(
    size: SIMD3<Double>, conductivity: (through: Double, inPlane: Double), capacity: Double,
    faces: (first: ThermalFace, second: ThermalFace, edges: ThermalFace), columns: Int, rows: Int
  ) -> ThermalField {
    let dx = size.y / Double(columns)
    let dy = size.z / Double(rows)
    var builder = ThermalFieldBuilder()
    builder.shape = (columns, rows)
    builder.capacity = capacity
    builder.faceNames = ["first face", "second face", "edges"]
    builder.surfaceFaces = [0, 1]
    let alongX = conductivity.inPlane * size.x * dy / dx
    let alongY = conductivity.inPlane * size.x * dx / dy
    for row in 0..<rows {
      for column in 0..<columns {
        let i = row * columns + column
        builder.positions.append(SIMD2((Double(column) + 0.5) * dx, (Double(row) + 0.5) * dy))
        builder.volumes.append(size.x * dx * dy)
        if column > 0 { builder.link(i - 1, i, alongX) }
        if row > 0 { builder.link(i - columns, i, alongY) }
        let behind = 6 * conductivity.through * dx * dy / size.x
        builder.add(faces.first, 0, node: i, area: dx * dy, behind: behind)
        builder.add(faces.second, 1, node: i, area: dx * dy, behind: behind)
        for side in [0, columns - 1] where side == column {
          builder.add(faces.edges, 2, node: i, area: size.x * dy, behind: 2 * alongX)
        }
        for side in [0, rows - 1] where side == row {
          builder.add(faces.edges, 2, node: i, area: size.x * dx, behind: 2 * alongY)
        }
      }
    }
    return ThermalField(builder)
  }

  /// A cylinder, resolved along its radius and, with more than one row, along its height.
  ///
  /// With one row the height is a steady parabola. Faces between rings carry the flux of a parabola
  /// of the radius exactly.
  ///
  /// - Parameters:
  ///   - radii: Of the core, 0 for none, and of the mantle, in metres.
  ///   - height: In metres.
  ///   - conductivity: Along the radius and along the height, in W/(m·K).
  ///   - capacity: Heat capacity of the whole, in J/K.
  ///   - faces: Mantle, bottom and top; the core is adiabatic.
  ///   - rings: Volumes along the radius.
  ///   - rows: Volumes along the height.
  /// - Returns: The field.
  public static func cylinder(
    radii: ClosedRange<Double>, height: Double, conductivity: (radial: Double, axial: Double),
    capacity: Double, faces: (mantle: ThermalFace, bottom: ThermalFace, top: ThermalFace),
    rings: Int, rows: Int = 1
  ) -> ThermalField {
    let dr = (radii.upperBound - radii.lowerBound) / Double(rings)
    let dz = height / Double(rows)
    var builder = ThermalFieldBuilder()
    builder.shape = (rings, rows)
    builder.capacity = capacity
    builder.faceNames = ["mantle", "bottom", "top"]
    builder.surfaceFaces = [0]
    for row in 0..<rows {
      for ring in 0..<rings {
        let i = row * rings + ring
        let inner = radii.lowerBound + Double(ring) * dr
        let outer = inner + dr
        let area = .pi * (outer * outer - inner * inner)
        builder.positions.append(SIMD2(inner + 0.5 * dr, (Double(row) + 0.5) * dz))
        builder.volumes.append(area * dz)
        if ring > 0 { builder.link(i - 1, i, 2 * .pi * inner * dz * conductivity.radial / dr) }
        if row > 0 { builder.link(i - rings, i, area * conductivity.axial / dz) }
        if ring == rings - 1 {
          let mantle = 2 * .pi * outer * dz
          builder.add(
            faces.mantle, 0, node: i, area: mantle, behind: 2 * mantle * conductivity.radial / dr)
        }
        let half = (rows == 1 ? 6 : 2) * area * conductivity.axial / dz
        if row == 0 { builder.add(faces.bottom, 1, node: i, area: area, behind: half) }
        if row == rows - 1 { builder.add(faces.top, 2, node: i, area: area, behind: half) }
      }
    }
    return ThermalField(builder)
  }
}
