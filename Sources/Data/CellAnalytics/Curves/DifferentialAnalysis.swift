// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Incremental capacity, differential voltage and differential thermal voltammetry.

import NumericalMethods

/// Incremental capacity, differential voltage and differential thermal voltammetry.
///
/// All three are smoothed by symmetric local polynomials (`SavitzkyGolay`): a symmetric window
/// leaves a symmetric peak where it is. One-sided filters would move it with the direction of the
/// current, which then looks like ageing.
public enum DifferentialAnalysis {
  /// The incremental capacity `dQ/dV` from charge counted in bins of voltage.
  ///
  /// - Parameters:
  ///   - binned: Charge in each bin, in coulombs, `[bins]`.
  ///   - lowest: Voltage at the left edge of the first bin, in volts.
  ///   - bin: Width of a bin in volts.
  ///   - smoothing: Half the window of the filter in volts.
  /// - Returns: Bin centres in volts and `dQ/dV` in C/V over the range that has charge, with
  ///   peaks; nil with fewer than 20 bins of charge.
  /// - Complexity: O(bins · window).
  public static func incrementalCapacity(
    binned: [Double], lowest: Double, bin: Double, smoothing: Double
  ) -> (voltage: [Double], capacity: [Double], peaks: [CurvePeak])? {
    guard let first = binned.firstIndex(where: { $0 > 0 }),
      let last = binned.lastIndex(where: { $0 > 0 }), last - first >= 20
    else { return nil }
    let density = binned[first...last].map { $0 / bin }
    let halfWidth = max(2, Int((smoothing / bin).rounded()))
    guard let filter = try? SavitzkyGolay(halfWidth: halfWidth, order: 3) else { return nil }
    // Twice smoothed: the first pass leaves the ripple of coarse sampling, the second removes it.
    let smooth = filter.apply(filter.apply(density)).map { max(0, $0) }
    let start = lowest + (Double(first) + 0.5) * bin
    let voltage = smooth.indices.map { start + Double($0) * bin }
    // The first and last bins are cut by the ends of the step: no peak is looked for there.
    let margin = min(halfWidth, smooth.count / 4)
    let inner = Array(smooth[margin..<(smooth.count - margin)])
    let peaks = CurvePeak.find(
      in: inner, start: start + Double(margin) * bin, spacing: bin)
    return (voltage, smooth, peaks)
  }

  /// The differential voltage `|dV/dQ|` on an even grid of charge.
  ///
  /// - Parameters:
  ///   - charge: Charge moved since the start in coulombs, ascending.
  ///   - voltage: Voltage in volts.
  ///   - points: Points of the grid.
  ///   - smoothing: Half the window as a share of the charge.
  /// - Returns: Charge in coulombs and `|dV/dQ|` in V/C with peaks; nil with fewer than 30 samples.
  /// - Complexity: O(samples + points · window).
  /// - Reference: Bloom et al. (2005), doi:10.1016/j.jpowsour.2004.07.021.
  public static func differentialVoltage(
    charge: [Double], voltage: [Double], points: Int = 400, smoothing: Double = 0.02
  ) -> (charge: [Double], slope: [Double], peaks: [CurvePeak])? {
    guard let grid = evenGrid(charge, voltage, points: points) else { return nil }
    let halfWidth = max(3, Int(smoothing * Double(points)))
    guard
      let filter = try? SavitzkyGolay(halfWidth: halfWidth, order: 3, derivative: 1)
    else { return nil }
    let slope = filter.apply(grid.y, spacing: grid.spacing).map { abs($0) }
    let margin = 2 * halfWidth
    guard slope.count > 4 * margin else { return nil }
    let peaks = CurvePeak.find(
      in: Array(slope[margin..<(slope.count - margin)]),
      start: grid.x[margin], spacing: grid.spacing)
    return (grid.x, slope, peaks)
  }

  /// The differential thermal voltammogram `dT/dV` over voltage.
  ///
  /// - Parameters:
  ///   - time: Time in seconds, ascending.
  ///   - voltage: Voltage in volts.
  ///   - temperature: Temperature in kelvin.
  ///   - points: Points of the time grid on which both are differentiated.
  /// - Returns: Voltage in volts and `dT/dV` in K/V, ascending in voltage; nil where the
  ///   temperature is unknown or constant, or with fewer than 30 samples.
  /// - Complexity: O(samples + points · window).
  /// - Reference: Merla, Wu, Yufit, Brandon, Martinez-Botas & Offer (2016), J. Power Sources 307,
  ///   308–319.
  public static func thermalVoltammetry(
    time: [Double], voltage: [Double], temperature: [Double], points: Int = 300
  ) -> (voltage: [Double], ratio: [Double])? {
    guard temperature.allSatisfy({ $0.isFinite }),
      let volts = evenGrid(time, voltage, points: points),
      let kelvin = evenGrid(time, temperature, points: points),
      let filter = try? SavitzkyGolay(halfWidth: 8, order: 2, derivative: 1),
      let smooth = try? SavitzkyGolay(halfWidth: 8, order: 2)
    else { return nil }
    let voltageSlope = filter.apply(volts.y, spacing: volts.spacing)
    let temperatureSlope = filter.apply(kelvin.y, spacing: kelvin.spacing)
    guard (kelvin.y.max() ?? 0) - (kelvin.y.min() ?? 0) > 0.2 else { return nil }
    let steepest = voltageSlope.map { abs($0) }.max() ?? 0
    let smoothVoltage = smooth.apply(volts.y)
    // Where the voltage stands still the ratio is undefined.
    let pairs = volts.y.indices.filter { abs(voltageSlope[$0]) > 1e-3 * steepest }
      .map { (smoothVoltage[$0], temperatureSlope[$0] / voltageSlope[$0]) }
      .sorted { $0.0 < $1.0 }
    guard pairs.count >= 30 else { return nil }
    return (pairs.map(\.0), pairs.map(\.1))
  }

  /// Linear interpolation on an even grid over the whole abscissa.
  private static func evenGrid(
    _ x: [Double], _ y: [Double], points: Int
  ) -> (x: [Double], y: [Double], spacing: Double)? {
    var ascendingX: [Double] = []
    var ascendingY: [Double] = []
    for (position, value) in zip(x, y) where position > (ascendingX.last ?? -.infinity) {
      ascendingX.append(position)
      ascendingY.append(value)
    }
    guard ascendingX.count >= 30, let first = ascendingX.first, let last = ascendingX.last else {
      return nil
    }
    let spacing = (last - first) / Double(points - 1)
    guard spacing > 0 else { return nil }
    var segment = 0
    var gridX: [Double] = []
    var gridY: [Double] = []
    for k in 0..<points {
      let position = k == points - 1 ? last : first + Double(k) * spacing
      while segment + 2 < ascendingX.count, ascendingX[segment + 1] < position { segment += 1 }
      let width = ascendingX[segment + 1] - ascendingX[segment]
      let weight = (position - ascendingX[segment]) / width
      gridX.append(position)
      gridY.append(ascendingY[segment] + weight * (ascendingY[segment + 1] - ascendingY[segment]))
    }
    return (gridX, gridY, spacing)
  }
}
