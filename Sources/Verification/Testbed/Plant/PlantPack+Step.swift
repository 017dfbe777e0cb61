// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One time step of the plant: circuits, heat, plates, gas.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension PlantPack {
  /// Temperature from which the decomposition of a cell is computed, in kelvin: below, the self-heating
  /// of the reaction sets is under 0.01 K/min (accelerating calorimetry, physics reference 4.7).
  static let hotFrom = 338.15
  /// Heat of a short from which its surroundings are computed as a zone of their own, in watts.
  static let spotFrom = 4.0

  /// Advances the pack over a duration of constant current.
  ///
  /// Relaxation is exact for constant current; each temperature relaxes exactly to the equilibrium
  /// of its own heat and its neighbours at the start of the step, which is stable for any duration and
  /// exact for short ones.
  ///
  /// - Parameters:
  ///   - current: In amperes, discharge positive.
  ///   - duration: In seconds.
  /// - Complexity: O(cells).
  public mutating func advance(current: Double, duration: Double) {
    guard duration > 0 else { return }
    var left = duration
    while left > 1e-9 {
      // Plates and neighbours couple within minutes, spots of strong shorts within a minute.
      var longest = hotCells.isEmpty ? 300.0 : 2.0
      if longest > 2 {
        for cell in 0..<layout.cells
        where shortConductance[cell] * voltage[cell] * voltage[cell] > 0.8 * Self.spotFrom {
          longest = 2
        }
      }
      let pieces = max(1, (left / longest).rounded(.up))
      let piece = left / pieces
      step(current: current, duration: piece)
      left = pieces == 1 ? 0 : left - piece
    }
  }

  private mutating func refresh(duration: Double) {
    let mid = temperature[layout.cells / 2]
    guard duration != cachedDuration || abs(mid - cachedTemperature) > 0.5 else { return }
    cachedDuration = duration
    cachedTemperature = mid
    factor = exp(
      cell.activationEnergy / PhysicalConstants.gas
        * (1 / min(max(mid, 233), 333) - 1 / PhysicalConstants.referenceTemperature))
    sensitivity = cell.activationEnergy / (PhysicalConstants.gas * mid * mid)
    // Time constants shorten as resistances fall, but less (half the activation energy, assumed).
    let pace = factor.squareRoot()
    fastDecay = exp(-duration / (cell.fast.time * pace))
    slowDecay = exp(-duration / (cell.slow.time * pace))
  }

  private mutating func step(current: Double, duration: Double) {
    refresh(duration: duration)
    let loopRate = 30.0
    var open = 0.0
    var inner = 0.0
    var hot = !hotCells.isEmpty
    for module in 0..<layout.modules {
      let first = module * layout.cellsPerModule
      let last = first + layout.cellsPerModule - 1
      let cooling = flows[module] ? layout.coolingConductance : 0.05 * layout.coolingConductance
      let toSink = layout.passiveConductance + cooling
      let sink = layout.passiveConductance * ambient + cooling * plate[module]
      let end = toSink + layout.neighbourConductance
      let middle = toSink + 2 * layout.neighbourConductance
      let heatCapacity = cell.heatCapacity
      let endDecay = exp(-duration * end / heatCapacity)
      let middleDecay = exp(-duration * middle / heatCapacity)
      var left = temperature[first]
      var intoPlate = 0.0
      for i in first...last {
        // Arrhenius about the middle cell, linear: siblings are within some kelvin of it.
        let apart = max(-15, min(15, temperature[i] - cachedTemperature))
        let scale = factor * resistanceScale[i] * (1 - sensitivity * apart)
        let series = cell.seriesResistance * scale
        let conductance = shortConductance[i]
        let others = current + bleed[i] + selfDischarge[i]
        // The short sees the cell behind its immediate resistance.
        let shortCurrent =
          conductance > 0
          ? max(0, emf[i] - others * series) * conductance / (1 + conductance * series) : 0
        let shortPower = conductance > 0 ? shortCurrent * shortCurrent / conductance : 0
        let through = others + shortCurrent
        let fastEnd = through * cell.fast.resistance * scale
        let slowEnd = through * cell.slow.resistance * scale
        let oldFast = fastLoss[i]
        let oldSlow = slowLoss[i]
        let newFast = fastEnd + (oldFast - fastEnd) * fastDecay
        let newSlow = slowEnd + (oldSlow - slowEnd) * slowDecay
        fastLoss[i] = newFast
        slowLoss[i] = newSlow
        let moved = through * duration
        leaked[i] += shortCurrent * duration
        if platingShare[i] > 0 || plated[i] > 0 { strip(i, through: through, duration: duration) }
        let change = moved / capacity[i]
        charge[i] -= change
        let target: Double = moved > 0 ? 1 : -1
        loop[i] += (target - loop[i]) * min(1, loopRate * abs(change))

        let old = temperature[i]
        let joule = through * through * series + current * current * joint[i]
        let meanLoss = (oldFast + newFast + oldSlow + newSlow) / 2
        let right = i < last ? temperature[i + 1] : old
        var heat = joule + through * meanLoss + foreignHeat[i]
        // A spot of its own takes the heat of a strong short (see HotCell).
        if isHot[i] { spotPower[i] = shortPower } else { heat += shortPower }
        let isEnd = i == first || i == last
        let total = isEnd ? end : middle
        let neighbours =
          (i > first ? left : 0) + (i < last ? right : 0)
        let rest = (sink + layout.neighbourConductance * neighbours + heat) / total
        let decay = isEnd ? endDecay : middleDecay
        let new = rest + (old - rest) * decay
        temperature[i] = new
        left = old
        intoPlate += cooling * (old - plate[module])

        let ocv = cell.openCircuit.voltage(at: charge[i]) - cell.hysteresis * loop[i]
        let source = ocv - newFast - newSlow + platingVoltage(i)
        let terminal = source - through * series - current * joint[i]
        voltage[i] = terminal
        emf[i] = source
        open += source - (through - current) * series
        inner += series + joint[i]
        balancingEnergy += bleed[i] * max(0, terminal) * duration
        if new > Self.hotFrom || shortPower > Self.spotFrom { hot = true }
        if shortPower > Self.spotFrom { spotPower[i] = shortPower }
      }
      warmPlate(module, power: intoPlate, duration: duration)
    }
    source = (open, inner)
    time += duration
    if hasGassing { makeGas(duration: duration) }
    if hot { advanceHotCells(duration: duration) }
    ventHousing(duration: duration)
  }

  /// The coolant of a plate: 400 J/K of metal and fluid, carried away at 60 W/K while it flows.
  private mutating func warmPlate(_ module: Int, power: Double, duration: Double) {
    let carried = flows[module] ? 60.0 : 0.3
    let sink = flows[module] ? coolantInlet : ambient
    let rest = sink + power / carried
    plate[module] = rest + (plate[module] - rest) * exp(-duration * carried / 400)
  }

  /// Plated lithium grows with its share of the charge current and strips within some twenty
  /// minutes afterwards (order of the plateaus that von Lüders et al. 2017 saw,
  /// doi:10.1016/j.jpowsour.2016.12.084). It stays part of the state of charge.
  private mutating func strip(_ i: Int, through: Double, duration: Double) {
    if through < 0 {
      plated[i] += -through * duration * platingShare[i]
    } else {
      plated[i] = max(0, plated[i] - (capacity[i] * 2e-6 + max(0, through)) * duration)
    }
  }

  /// Extra voltage while lithium strips: nearly constant until it is used up, then gone.
  @inline(__always)
  private func platingVoltage(_ i: Int) -> Double {
    let part = plated[i] / capacity[i]
    return part > 1e-5 ? 0.012 * part / (part + 0.001) : 0
  }
}
