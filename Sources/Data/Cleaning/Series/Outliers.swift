// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Outliers of a whole series: box plot and model residual.

import NumericalMethods

/// Finds outliers of a whole series; it names them and removes nothing.
///
/// Whether a named sample is set aside is the caller's decision: a box plot over a long series
/// also names what a failing cell does, so these rules belong to noisy auxiliary signals and to
/// residuals, never to a cell voltage that is itself under judgement.
public enum Outliers {
  /// Samples outside the whiskers of the box plot.
  ///
  /// - Parameters:
  ///   - values: The series; values that are not finite are skipped.
  ///   - whisker: Length of the whiskers in interquartile ranges; 1.5 is Tukey's inner fence.
  ///   - minimumSpread: Smallest interquartile range assumed, in the unit of the values, so that
  ///     a series at its resolution does not make every step an outlier.
  /// - Returns: Indices in ascending order.
  /// - Complexity: O(n log n).
  /// - Reference: Tukey (1977), "Exploratory Data Analysis", chapter 2.
  public static func interquartile(
    _ values: [Double], whisker: Double = 1.5, minimumSpread: Double = 0
  ) -> [Int] {
    let sorted = values.filter { $0.isFinite }.sorted()
    guard sorted.count >= 4 else { return [] }
    let lower = RobustStatistics.quantileOfSorted(sorted, 0.25)
    let upper = RobustStatistics.quantileOfSorted(sorted, 0.75)
    let reach = whisker * max(upper - lower, minimumSpread)
    return values.indices.filter {
      values[$0].isFinite && (values[$0] < lower - reach || values[$0] > upper + reach)
    }
  }

  /// Samples too far from what a model predicts, judged by the robust spread of the residuals.
  ///
  /// Only isolated residuals count: a run of consecutive large residuals is a change of the
  /// system, not an outlier, and is left alone.
  ///
  /// - Parameters:
  ///   - measured: The series.
  ///   - predicted: The model's values for the same samples.
  ///   - limit: Largest residual in robust standard deviations.
  ///   - minimumSpread: Smallest standard deviation assumed, in the unit of the values.
  ///   - longestRun: Longest run of large residuals that still counts as outliers.
  /// - Returns: Indices in ascending order.
  /// - Complexity: O(n log n).
  /// - Reference: Rousseeuw & Croux (1993), doi:10.1080/01621459.1993.10476408 (spread).
  public static func modelResidual(
    measured: [Double], predicted: [Double], limit: Double = 6, minimumSpread: Double = 0,
    longestRun: Int = 1
  ) -> [Int] {
    precondition(measured.count == predicted.count, "as many predictions as samples are needed")
    let residuals = zip(measured, predicted).map { $0 - $1 }
    let finite = residuals.filter { $0.isFinite }
    guard finite.count >= 4 else { return [] }
    let centre = RobustStatistics.median(finite)
    let spread = max(RobustStatistics.scaledMAD(finite, about: centre), minimumSpread)
    guard spread > 0 else { return [] }
    var found: [Int] = []
    var run: [Int] = []
    // A spike drags its neighbours' predictions along, so a run counts at half its height.
    let close = {
      let height = run.map { abs(residuals[$0] - centre) }.max() ?? 0
      let core = run.filter { abs(residuals[$0] - centre) > height / 2 }
      if core.count <= longestRun { found += core }
      run = []
    }
    for index in residuals.indices {
      if abs(residuals[index] - centre) > limit * spread {
        run.append(index)
      } else if residuals[index].isFinite {
        close()
      }
    }
    close()
    return found
  }

  /// The voltage that a resistance in series with a slowly changing source predicts.
  ///
  /// Fits `V = a + b·t − R·I` by least squares over a window centred on each sample and leaves
  /// the sample itself out, so that an outlier does not predict itself. This is the model that
  /// ``modelResidual(measured:predicted:limit:minimumSpread:longestRun:)`` is meant for.
  ///
  /// - Parameters:
  ///   - voltage: Terminal voltage in volts.
  ///   - current: Current in amperes, discharge positive.
  ///   - time: Time in seconds, ascending.
  ///   - halfWidth: Samples on each side that enter the fit.
  /// - Returns: Predicted voltages; NaN where the window does not determine the fit.
  /// - Complexity: O(n · halfWidth).
  public static func resistancePrediction(
    voltage: [Double], current: [Double], time: [Double], halfWidth: Int = 6
  ) -> [Double] {
    voltage.indices.map { index in
      let window = (max(0, index - halfWidth)...min(voltage.count - 1, index + halfWidth)).filter {
        $0 != index && voltage[$0].isFinite && current[$0].isFinite
      }
      guard window.count >= 5 else { return .nan }
      let scale = max(time[window[window.count - 1]] - time[window[0]], 1e-9)
      let hasLoadSteps =
        (window.map { current[$0] }.max() ?? 0) - (window.map { current[$0] }.min() ?? 0) > 1e-6
      let columns = hasLoadSteps ? 3 : 2
      var matrix: [Double] = []
      for row in window {
        matrix += [1, (time[row] - time[index]) / scale]
        if hasLoadSteps { matrix.append(current[row] - current[index]) }
      }
      let right = window.map { voltage[$0] }
      let fit = try? DenseSolvers.leastSquares(
        matrix, rows: window.count, columns: columns, right)
      return fit?[0] ?? .nan
    }
  }
}
