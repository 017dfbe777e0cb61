// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Potential in the current collectors of a cell made of zones in parallel.

import NumericalMethods

/// Potential in the current collectors of a cell made of zones in parallel.
///
/// Each collector is a sheet of finite volumes with an equipotential tab; eliminating the
/// potentials leaves `V_k = V + Σⱼ R_kj·I_j` for the voltage of zone `k` at terminal voltage `V`.
///
/// - Reference: Timms, Marquis, Sulzer, Please & Chapman (2021), doi:10.1137/20M1336898.
struct CollectorNetwork: Sendable {
  /// Number of zones.
  let count: Int
  /// `[count × count]`, in ohms: rise of a zone's voltage by a zone's current. Symmetric.
  let resistance: [Double]
  private let sheets: [Sheet]

  /// Collectors without resistance.
  init(idealFor count: Int) {
    self.count = count
    resistance = [Double](repeating: 0, count: count * count)
    sheets = []
  }

  /// Two sheets with tabs on the upper edge.
  ///
  /// - Parameters:
  ///   - field: Sheet conductances and tabs.
  ///   - size: Width and height, in metres.
  ///   - columns: Zones along the width.
  ///   - rows: Zones along the height.
  /// - Throws: ``ParameterError`` when a tab does not lie on the edge or a sheet does not conduct.
  init(
    _ field: CellFieldParameters, size: SIMD2<Double>, columns: Int, rows: Int
  ) throws(ParameterError) {
    count = columns * rows
    guard let negative = field.negativeTab, let positive = field.positiveTab else {
      resistance = [Double](repeating: 0, count: count * count)
      sheets = []
      return
    }
    let low = try Sheet(
      "Negative", field.negativeSheetConductance, negative, size, columns, rows)
    let high = try Sheet(
      "Positive", field.positiveSheetConductance, positive, size, columns, rows)
    sheets = [low, high]
    resistance = zip(low.resistance, high.resistance).map { $0 + $1 }
  }

  var isIdeal: Bool { sheets.isEmpty }

  /// Adds the heat of the collectors to each zone, in watts; the sum is `Σ I_k·R_kj·I_j`.
  func addHeat(_ currents: [Double], to heat: inout [Double]) {
    for sheet in sheets {
      let potential = (0..<count).map { k in
        (0..<count).reduce(0) { $0 + sheet.resistance[k * count + $1] * currents[$1] }
      }
      for (i, j, g) in sheet.links {
        let fall = potential[i] - potential[j]
        heat[i] += 0.5 * g * fall * fall
        heat[j] += 0.5 * g * fall * fall
      }
      for (i, g) in sheet.tab { heat[i] += g * potential[i] * potential[i] }
    }
  }

  /// One collector.
  private struct Sheet: Sendable {
    var links: [(Int, Int, Double)] = []
    var tab: [(Int, Double)] = []
    /// Potential against the tab by current into a zone, `[count × count]`.
    var resistance: [Double]

    init(
      _ name: String, _ conductance: Double, _ tab: CellTab, _ size: SIMD2<Double>, _ columns: Int,
      _ rows: Int
    ) throws(ParameterError) {
      guard conductance > 0, conductance.isFinite else {
        throw .outOfRange(
          key: "\(name) current collector conductivity [S.m-1]", value: conductance,
          allowed: "above 0")
      }
      guard tab.width > 0, tab.centre - 0.5 * tab.width >= -1e-9,
        tab.centre + 0.5 * tab.width <= size.x + 1e-9
      else {
        throw .outOfRange(
          key: "\(name) tab centre y-coordinate [m]", value: tab.centre,
          allowed: "such that the tab lies on the edge of \(size.x) m")
      }
      let count = columns * rows
      let dx = size.x / Double(columns)
      let dy = size.y / Double(rows)
      for i in 0..<count {
        if i % columns > 0 { links.append((i - 1, i, conductance * dy / dx)) }
        if i >= columns { links.append((i - columns, i, conductance * dx / dy)) }
      }
      for column in 0..<columns {
        let left = max(Double(column) * dx, tab.centre - 0.5 * tab.width)
        let right = min(Double(column + 1) * dx, tab.centre + 0.5 * tab.width)
        guard right > left else { continue }
        self.tab.append(((rows - 1) * columns + column, 2 * conductance * (right - left) / dy))
      }
      let matrix = DenseFactorization(size: count)
      for n in 0..<count * count { matrix.matrix[n] = 0 }
      for (i, j, g) in links {
        matrix.matrix[i * count + i] += g
        matrix.matrix[j * count + j] += g
        matrix.matrix[i * count + j] -= g
        matrix.matrix[j * count + i] -= g
      }
      for (i, g) in self.tab { matrix.matrix[i * count + i] += g }
      guard matrix.factor() else {
        throw .unsupported(key: "\(name) tab width [m]", reason: "the tab touches no zone")
      }
      resistance = [Double](repeating: 0, count: count * count)
      let column = DoubleWorkspace(count: count)
      for k in 0..<count {
        for i in 0..<count { column.base[i] = i == k ? 1 : 0 }
        matrix.solve(column.base)
        for i in 0..<count { resistance[i * count + k] = column.base[i] }
      }
    }
  }
}
