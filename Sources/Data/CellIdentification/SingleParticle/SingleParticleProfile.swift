// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ends of intervals where the fit really gets worse, not where its slopes say.

import Foundation

/// Ends of the intervals of all numbers, found by moving each and fitting the others again.
///
/// Area, contact resistance and electrolyte stand in for one another along a bent valley, where
/// slopes at the best place say too little. The objective may rise by the squared interval factor
/// times what residuals with a memory weigh less than independent ones.
///
/// - Reference: Raue et al. (2009), doi:10.1093/bioinformatics/btp358, for profiles; Pace, Salvan &
///   Sartori (2011), Statistica Sinica 21, 129, for the scale of their rise.
struct SingleParticleProfile {
  /// The solution, or a better one that was met on the way.
  private(set) var solution: SingleParticleFit.Solution
  /// Ends of each interval, as logarithms relative to the solution.
  private(set) var ends: [(low: Double, high: Double)] = []
  /// Half-widths over the interval factor, one a number.
  private(set) var deviations: [Double] = []

  /// Farthest that an end is looked for, in standard deviations of the prior.
  private static let reach = 4.0
  /// Rise of the objective below that of the solution from which it is left for the better place.
  private static let better = 0.5

  /// Better places that are gone to before the profiles are taken as they are.
  private static let restarts = 3

  /// Finds the ends; nil when the equations are singular at a better place.
  ///
  /// - Parameters:
  ///   - fit: Recordings and base set.
  ///   - start: The solution.
  ///   - first: Its standard errors.
  ///   - curveNoise: Of the slow test.
  ///   - progress: Called with the share done.
  /// - Complexity: some thirty runs of the model through all recordings for each number.
  init?(
    _ fit: SingleParticleFit, _ start: SingleParticleFit.Solution,
    errors first: SingleParticleErrors,
    curveNoise: CurveNoise?, progress: (Double) -> Void
  ) {
    solution = start
    var errors = first
    let count = start.quantities.count
    attempts: for attempt in 0...Self.restarts {
      ends = []
      for k in 0..<count {
        var sides: [Double] = []
        for sign in [-1.0, 1] {
          let side = Self.end(k, sign, fit, solution, errors)
          if let there = side.better, attempt < Self.restarts {
            solution = there
            guard let again = SingleParticleErrors(fit, there, curveNoise: curveNoise) else {
              return nil
            }
            errors = again
            continue attempts
          }
          sides.append(side.distance)
        }
        ends.append((-sides[0], sides[1]))
        progress(Double(k + 1) / Double(count))
      }
      break
    }
    deviations = ends.map { ($0.high - $0.low) / (2 * errors.intervalFactor) }
  }

  /// How far a number can be moved one way, or a better place that was met.
  private static func end(
    _ k: Int, _ sign: Double, _ fit: SingleParticleFit, _ solution: SingleParticleFit.Solution,
    _ errors: SingleParticleErrors
  ) -> (distance: Double, better: SingleParticleFit.Solution?) {
    let count = solution.quantities.count
    let quantity = solution.quantities[k]
    let own = errors.naive[k * count + k]
    let allowed =
      errors.intervalFactor * errors.intervalFactor
      * max(1, errors.deviations[k] * errors.deviations[k] / own)
    let best = fit.objective(solution, noise: errors.noise)
    let limit = reach * quantity.spread
    var distance = min(limit, errors.intervalFactor * errors.deviations[k])
    // A way that was not found is no proof that there is none.
    let shortest = 0.6 * distance
    // Distances with the square root of the rise there, from the solution outwards.
    var known: [(distance: Double, rise: Double)] = [(0, 0)]
    var values = solution.values
    var slopes = solution.fit.slopes
    slopes.remove(at: k)
    for _ in 0..<3 {
      let from = known.last { $0.distance <= distance } ?? (0, 0)
      for (other, name) in solution.quantities.enumerated() where from.distance == 0 {
        // Along the valley as the slopes show it.
        values[name] =
          solution.fit.values[other]
          + sign * distance * errors.naive[other * count + k] / own
      }
      values[quantity] = solution.fit.values[k] + sign * distance
      let others = solution.quantities.filter { $0 != quantity }
      let held: SingleParticleFit.Values = [quantity: values[quantity] ?? 0]
      var there = fit.solve(
        others, from: values, fixed: held, noise: errors.noise, rounds: 5, known: slopes)
      if fit.objective(there, noise: errors.noise) - best > 2 * allowed {
        // Steep, or only lost on the way: slopes of this place tell.
        there = fit.solve(
          others, from: there.values, fixed: held, noise: errors.noise, rounds: 6)
      }
      (values, slopes) = (there.values, there.fit.slopes)
      let rise = fit.objective(there, noise: errors.noise) - best
      if rise < -better {
        return (
          distance, fit.solve(solution.quantities, from: values, noise: errors.noise, rounds: 20)
        )
      }
      let height = max(1e-6, rise).squareRoot()
      known.append((distance, height))
      known.sort { $0.distance < $1.distance }
      let wanted = allowed.squareRoot()
      if abs(height - wanted) < 0.05 * wanted { break }
      let next: Double
      if let above = known.firstIndex(where: { $0.rise >= wanted }), above > 0 {
        let (low, high) = (known[above - 1], known[above])
        next =
          low.distance
          + (high.distance - low.distance) * (wanted - low.rise) / (high.rise - low.rise)
      } else {
        guard distance < limit else { return (limit, nil) }
        let last = known[known.count - 1]
        next = last.distance * max(1.3, min(3, wanted / last.rise))
      }
      let ahead = min(limit, next)
      if abs(ahead / distance - 1) < 0.05 {
        distance = ahead
        break
      }
      distance = ahead
    }
    return (max(distance, shortest), nil)
  }
}
