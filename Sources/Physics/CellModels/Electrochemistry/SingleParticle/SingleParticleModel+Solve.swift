// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: solution of the Newton system.

extension SingleParticleModel {
  /// Solves with the last matrix, in place.
  ///
  /// Modes are eliminated first; the surface stoichiometries, the plated lithium and the current
  /// remain, which answer to the change of the current alone.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    let current = linearizedCurrent
    let (sumNegative, responseNegative) = reduce(
      right, at: 0, negative, negativeDiffusion, negativeRate, active: wear.negative)
    let (sumPositive, responsePositive) = reduce(
      right, at: positiveModes, positive, positiveDiffusion, positiveRate, active: wear.positive)
    let shareNegative = negativeShare / wear.negative
    let sharePositive = positiveShare / wear.positive
    // Surface stoichiometry of the negative particle: base − response·(change of the current).
    var base = sumNegative
    var answer = responseNegative * shareNegative
    var platedBase = 0.0
    var platedAnswer = 0.0
    if laws.plates {
      let r = response
      let consumption = (1 - r.deadShare) * r.consumption
      let diagonal = leading + r.dying + consumption * r.byPlated
      let weight = (leading + r.dying) / diagonal
      let scale = 1 / (1 - responseNegative * weight * r.byStoichiometry)
      let plated = right[ageingIndex(.plated)]
      base = (sumNegative + responseNegative * r.byPlated * plated / diagonal) * scale
      answer = responseNegative * (shareNegative - weight * r.byCurrent) * scale
      platedBase = (plated - consumption * r.byStoichiometry * base) / diagonal
      platedAnswer = -consumption * (r.byCurrent - r.byStoichiometry * answer) / diagonal
    }
    // Potential of the first material: at rest, and by the current it carries.
    let rest = -slopeNegative * base - response.voltageByPlated * platedBase
    let byFirst = slopeNegative * answer - response.voltageByPlated * platedAnswer + slopeFirst
    // The second material carries what makes its potential the same.
    var split = (base: 0.0, answer: 0.0)
    var answers = SecondAnswer()
    if let second {
      answers = reduceSecond(right, second)
      let surface = second.surface * wear.wet
      let inverse = 1 / (answers.byCurrent + byFirst * surface)
      split.base = (right[second.index(.current)] - answers.rest + rest) * inverse
      split.answer = byFirst * inverse
    }
    let carried = (second?.surface ?? 0) * wear.wet
    let byState = slopePositive * sumPositive - rest + byFirst * carried * split.base
    let byInside =
      slopeCurrent + slopeFirst - byFirst * (1 - carried * split.answer)
      - slopePositive * responsePositive * sharePositive
    let byCurrent = byInside * wear.internalByCurrent
    let change: Double
    switch controlKind {
    case .current: change = right[currentIndex]
    case .voltage: change = -(right[currentIndex] + byState) / byCurrent
    case .power:
      change = (right[currentIndex] - current * byState) / (voltage + current * byCurrent)
    }
    right[currentIndex] = change
    let inside = change * wear.internalByCurrent
    let secondChange = split.base + split.answer * inside
    let first = inside - carried * secondChange
    var flow = first * shareNegative
    if ages {
      flow -= solveAgeing(
        right, inside, first, base - answer * first, platedBase, platedAnswer)
    }
    if let second { expandSecond(right, second, answers, secondChange) }
    expand(
      right, at: 0, negative, negativeDiffusion, negativeRate, flow, active: wear.negative)
    expand(
      right, at: positiveModes, positive, positiveDiffusion, positiveRate, inside * sharePositive,
      active: wear.positive)
    right[filmIndex] /= leading
    right[temperatureIndex] /= leading + (thermal == .lumped ? cooling / heatCapacity : 0)
    solveSalt(right + saltOffset, inside / wear.wet)
  }

  /// Solves for the slow unknowns; returns the change of the side current density they make.
  ///
  /// What one row gains another must lose in the matrix as well, or lithium would be conserved
  /// only to the tolerance of Newton's method.
  private func solveAgeing(
    _ right: UnsafeMutablePointer<Double>, _ inside: Double, _ first: Double,
    _ stoichiometry: Double, _ platedBase: Double, _ platedAnswer: Double
  ) -> Double {
    var current = 0.0
    if laws.plates {
      let plated = platedBase + platedAnswer * first
      let r = response
      // From the row of the plated lithium, not from the derivatives: their terms are huge and
      // cancel where stripping is fast, and what the row gains the particle must lose.
      let consumption = (1 - r.deadShare) * r.consumption
      current =
        consumption > 0
        ? (right[ageingIndex(.plated)] - (leading + r.dying) * plated) / consumption
        : r.byStoichiometry * stoichiometry + r.byCurrent * first + r.byPlated * plated
      right[ageingIndex(.plated)] = plated
      right[ageingIndex(.dead)] += r.dying * plated - r.deadShare * r.consumption * current
      right[ageingIndex(.dead)] /= leading
    }
    for slot in AgeingSlot.allCases {
      switch slot {
      case .plated, .dead: if !laws.plates { right[ageingIndex(slot)] /= leading }
      case .crackFilm:
        let slope = min(0, crackFilmSlope)
        right[ageingIndex(slot)] /= leading - slope
        current +=
          slope * right[ageingIndex(slot)] / (wear.negative * laws.negative.filmFactor)
      case .leaked:
        let share = 1 - 1 / wear.internalByCurrent
        right[ageingIndex(slot)] += share * inside / parameters.nominalCapacity
        right[ageingIndex(slot)] /= leading
      default: right[ageingIndex(slot)] /= leading
      }
    }
    return current
  }

  /// Tridiagonal elimination.
  private func solveSalt(_ right: UnsafeMutablePointer<Double>, _ change: Double) {
    guard nodes > 0 else { return }
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let (source, eliminated) = (slot(.source), slot(.right))
    var pivot = 1 / diagonal[0]
    right[0] = (right[0] + source[0] * change) * pivot
    for i in 1..<nodes {
      eliminated[i - 1] = upper[i - 1] * pivot
      pivot = 1 / (diagonal[i] - lower[i] * eliminated[i - 1])
      right[i] = (right[i] + source[i] * change - lower[i] * right[i - 1]) * pivot
    }
    for i in stride(from: nodes - 2, through: 0, by: -1) {
      right[i] -= eliminated[i] * right[i + 1]
    }
    guard narrows else { return }
    // From concentrations to amounts per volume of cell.
    for i in 0..<mesh.negative { right[i] *= wear.open }
  }
}
