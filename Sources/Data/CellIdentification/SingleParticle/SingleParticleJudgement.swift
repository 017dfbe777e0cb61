// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which numbers of a single-particle model stay free, and how far each may be off.

import NumericalMethods

/// Which numbers of a single-particle model stay free, their values, and how far each may be off.
///
/// A number that the data do not determine, and that leaves what is plausible all the same, takes up
/// what is wrong with the model: it is held at the base set, and the others are fitted again. That
/// is judged by the slopes before the profiles, which are long, and by the profiles after them,
/// which may find a better place and say that a number is known less well.
struct SingleParticleJudgement {
  /// Numbers that are not held, and their best values.
  let solution: SingleParticleFit.Solution
  /// Ends of each interval, as logarithms relative to the solution.
  let ends: [(low: Double, high: Double)]
  /// Half-widths over the interval factor, one a number.
  let deviations: [Double]
  /// Numbers that were held because the data would carry them off, and where to, as logarithms.
  let carriedOff: [(quantity: SingleParticleQuantity, logarithm: Double)]

  /// Largest uncertainty of a determined number, as a share of what was known before.
  static let limit = 1.0 / 3
  /// Standard deviations from the base set that a number may be moved without being determined.
  static let farthest = 2.5

  /// Judges a solution; nil when the equations are singular.
  ///
  /// - Parameters:
  ///   - fit: Recordings and base set.
  ///   - start: Best values of all numbers.
  ///   - held: Numbers that are held in any case.
  ///   - curveNoise: Of the slow test.
  ///   - progress: Called with the share done.
  /// - Complexity: some thirty runs of the model through all recordings for each free number, again
  ///   whenever a profile makes one held.
  init?(
    _ fit: SingleParticleFit, _ start: SingleParticleFit.Solution,
    held: Set<SingleParticleQuantity>, curveNoise: CurveNoise?, progress: (Double) -> Void
  ) {
    var solution = start
    var carriedOff: [(quantity: SingleParticleQuantity, logarithm: Double)] = []
    func refit(_ free: [SingleParticleQuantity]) {
      solution = fit.solve(
        free, from: solution.values, noise: max(1e-4, solution.rootMeanSquare), rounds: 20)
    }
    if !held.isEmpty { refit(start.quantities.filter { !held.contains($0) }) }
    while true {
      guard let errors = SingleParticleErrors(fit, solution, curveNoise: curveNoise) else {
        return nil
      }
      var worst = Self.worst(solution, errors.deviations)
      if worst == nil {
        guard
          let profile = SingleParticleProfile(
            fit, solution, errors: errors, curveNoise: curveNoise, progress: progress)
        else { return nil }
        solution = profile.solution
        worst = Self.worst(solution, profile.deviations)
        if worst == nil {
          (self.solution, self.carriedOff) = (solution, carriedOff)
          (ends, deviations) = (profile.ends, profile.deviations)
          return
        }
      }
      guard let worst else { return nil }
      let quantity = solution.quantities[worst]
      carriedOff.append((quantity, solution.fit.values[worst]))
      refit(solution.quantities.filter { $0 != quantity })
    }
  }

  /// Places of the numbers that the data determine.
  var determined: [Int] {
    solution.quantities.indices.filter {
      deviations[$0] < Self.limit * solution.quantities[$0].spread
    }
  }

  /// The number that is carried off farthest without being determined; the last one stays.
  private static func worst(
    _ solution: SingleParticleFit.Solution, _ deviations: [Double]
  ) -> Int? {
    let free = solution.quantities
    guard free.count > 1 else { return nil }
    func distance(_ k: Int) -> Double { abs(solution.fit.values[k]) / free[k].spread }
    return free.indices.filter {
      deviations[$0] >= limit * free[$0].spread && distance($0) > farthest
    }.max { distance($0) < distance($1) }
  }
}
