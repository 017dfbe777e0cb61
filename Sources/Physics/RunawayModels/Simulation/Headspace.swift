// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas that does not act back on the temperature, advanced after each step of the reactions.

import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gas in the jelly roll and the headspace, and what left, in coherent SI.
struct Headspace {
  /// Gas in the jelly roll, in mol.
  var trapped = 0.0
  /// Gas in the headspace, in mol, and its mean molar mass, in kg/mol.
  var amount = 0.0
  var molarMass = 0.0
  /// Solvent boiled off, gas and vapour that left, solids torn along, in kg.
  var evaporated = 0.0
  var gasOut = 0.0
  var ejected = 0.0
  /// Absolute pressure, in pascals, and the mean flow out during the last part of a step, in mol/s.
  var pressure = 0.0
  var outflow = 0.0
}

extension AbuseSystem {
  /// Gas of the cell at the start.
  func initialHeadspace(temperature: Double) -> Headspace {
    var gas = Headspace()
    gas.amount = inertMoles
    gas.molarMass = GasSpecies.inert.molarMass
    gas.pressure = closedPressure(gas, temperature)
    return gas
  }

  /// Gas as it stands among the unknowns.
  func headspace(_ state: UnsafePointer<Double>) -> Headspace {
    var gas = Headspace()
    gas.trapped = state[place(.trapped)]
    gas.amount = state[place(.gas)]
    gas.evaporated = state[place(.evaporated)]
    gas.ejected = state[place(.ejected)]
    return gas
  }

  /// Takes pressure and flow over into what was derived.
  mutating func show(_ gas: Headspace) {
    derived.pressure = gas.pressure
    derived.outflow = gas.outflow
  }

  /// Pressure with the vent closed, in pascals.
  func closedPressure(_ gas: Headspace, _ temperature: Double) -> Double {
    let casing = cell.casing
    let left = casing.solventMass - gas.evaporated
    return casing.pressure(
      amount: gas.amount, temperature: temperature,
      vapour: casing.vapourPressure(temperature) * smoothStep(left / (1e-3 * cell.mass)),
      ambient: conditions.ambientPressure)
  }

  /// Gas and its mass made since the start, in mol and kg.
  private func gasMade(_ state: UnsafePointer<Double>) -> (moles: Double, mass: Double) {
    var moles = 0.0
    var mass = 0.0
    for zone in 0..<zoneCount {
      let share = share(zone)
      let block = state + zone * blockSize
      for i in 0..<kernel.reactionCount {
        moles += share * block[i] * gasMoles[i]
        mass += share * block[i] * gasMasses[i]
      }
    }
    return (moles, mass)
  }

  /// Temperature of the larger zone, in kelvin, where nothing that leaves takes heat capacity along.
  private func bulkTemperature(_ state: UnsafePointer<Double>) -> Double {
    let last = zoneCount - 1
    return referenceTemperature
      + state[last * blockSize + blockSize - 1] / (share(last) * cell.heatCapacity)
  }

  /// Moves gas by one step of the reactions, during which release and warming are even.
  ///
  /// Gas comes out of the jelly roll by the exact law of first order; the vent, whose time constant
  /// is a millisecond, and what mixes and boils are implicit, so that any step is stable and keeps
  /// the balance of moles to rounding. Parts of a step are a fifth of the time that gas needs out of
  /// the jelly roll while much of it is on its way.
  ///
  /// - Complexity: O(reactions + parts), one to eight parts.
  func advanced(
    _ gas: Headspace, from old: UnsafePointer<Double>, to new: UnsafePointer<Double>,
    duration: Double
  ) -> Headspace {
    var gas = gas
    guard duration > 0 else { return gas }
    let casing = cell.casing
    let before = gasMade(old)
    let after = gasMade(new)
    let made = after.moles - before.moles
    let fresh =
      after.moles > 0 ? after.mass / after.moles : GasSpecies.inert.molarMass
    let start = bulkTemperature(old)
    let end = bulkTemperature(new)
    guard isVented else {
      let leaving = release(&gas, made, duration)
      mix(&gas, leaving, fresh, boiled: 0)
      gas.pressure = closedPressure(gas, end)
      return gas
    }
    let moving = gas.trapped + abs(made)
    let isBusy = moving > 0.05 * gas.amount
    let parts = isBusy ? min(8, max(1, (duration / (0.2 * casing.gasTime)).rounded(.up))) : 1
    let part = duration / parts
    let outside = conditions.ambientPressure
    for index in 1...Int(parts) {
      let temperature = start + (end - start) * Double(index) / parts
      let leaving = release(&gas, made / parts, part)
      let left = max(0, casing.solventMass - gas.evaporated)
      var boiled = 0.0
      if left > 0 {
        let excess = (casing.vapourPressure(temperature) - outside) / outside
        boiled = left * (1 - exp(-max(0, min(1, excess)) / casing.boilingTime * part))
        gas.evaporated += boiled
      }
      mix(&gas, leaving, fresh, boiled: boiled)
      vent(&gas, temperature, part)
    }
    return gas
  }

  /// Gas out of the jelly roll during a part of a step, in mol.
  @inline(__always)
  private func release(_ gas: inout Headspace, _ made: Double, _ part: Double) -> Double {
    let time = cell.casing.gasTime
    let ratio = part / time
    let kept = ratio > 40 ? 0 : exp(-ratio)
    // Of gas made evenly over the part, (1 − e^−x)/x is still in the jelly roll.
    let still = ratio > 1e-4 ? (1 - kept) / ratio : 1 - 0.5 * ratio
    let trapped = gas.trapped * kept + made * still
    let leaving = gas.trapped + made - trapped
    gas.trapped = trapped
    return leaving
  }

  @inline(__always)
  private func mix(_ gas: inout Headspace, _ leaving: Double, _ fresh: Double, boiled: Double) {
    let total = gas.amount + leaving + boiled / solventMolarMass
    guard total > 0 else { return }
    gas.molarMass = max(
      0.002, min(0.2, (gas.amount * gas.molarMass + leaving * fresh + boiled) / total))
    gas.amount = total
  }

  /// Lets gas out through the open vent for a while, or air in: one implicit step, solved for the
  /// pressure at its end.
  private func vent(_ gas: inout Headspace, _ temperature: Double, _ part: Double) {
    let casing = cell.casing
    let outside = conditions.ambientPressure
    let total = max(gas.amount, 1e-12)
    let perMole = PhysicalConstants.gas * temperature / casing.headspace
    let scale =
      casing.dischargeCoefficient * casing.ventArea
      / (PhysicalConstants.gas * max(temperature, 100) * gas.molarMass).squareRoot()
    // Near the pressure outside the flow is a straight line.
    let slope = scale * (2 * outside / CasingDesign.linearPressure).squareRoot()
    let difference = (total - outside / perMole) / (1 / perMole + part * slope)
    var pressure = outside + difference
    if difference > 50 {
      let choked = total / (1 / perMole + part * scale * CasingDesign.chokedFlow)
      pressure =
        choked * CasingDesign.criticalRatio >= outside
        ? choked
        : subsonicPressure(total: total, perMole: perMole, scale: part * scale, outside: outside)
    } else if difference < -50 {
      // Air drawn in fast enough to matter: the flow falls from one bound to the other.
      pressure = inwardPressure(
        total: total, perMole: perMole, scale: part * scale, outside: outside)
    }
    let amount = max(1e-12, pressure / perMole)
    let left = total - amount
    gas.outflow = left / part
    gas.pressure = pressure
    let leftMass = left * (left > 0 ? gas.molarMass : GasSpecies.inert.molarMass)
    gas.gasOut += leftMass
    if left < 0 {
      gas.molarMass = (total * gas.molarMass - left * GasSpecies.inert.molarMass) / amount
    }
    gas.amount = amount
    let massFlow = max(0, leftMass) / part
    let torn =
      casing.entrainment * massFlow * casing.entrainedShare(massFlow, capacity: cell.capacity)
    let largest = max(1e-9, casing.largestEjectedShare * cell.mass)
    gas.ejected = (gas.ejected + part * torn) / (1 + part * torn / largest)
  }

  /// Pressure at which gas inside and what left add up to a total, below choked flow.
  ///
  /// With `s = (outside/p)^(1/5)` the flow needs no powers but whole ones (γ = 1.25).
  private func subsonicPressure(
    total: Double, perMole: Double, scale: Double, outside: Double
  ) -> Double {
    func pressure(_ s: Double) -> Double { outside / (s * s * s * s * s) }
    return pressure(
      Self.root(from: CasingDesign.criticalFifthRoot, to: 1, small: 1e-6 * total) { s in
        let p = pressure(s)
        return total - p / perMole - scale * p * CasingDesign.subsonicFlow(s, p - outside)
      })
  }

  /// The same where air is drawn in.
  private func inwardPressure(
    total: Double, perMole: Double, scale: Double, outside: Double
  ) -> Double {
    func pressure(_ s: Double) -> Double { outside * (s * s * s * s * s) }
    return pressure(
      Self.root(from: 0.1, to: 1, small: 1e-6 * total) { s in
        let p = pressure(s)
        let held = max(s, CasingDesign.criticalFifthRoot)
        return p / perMole - total - scale * outside * CasingDesign.subsonicFlow(held, outside - p)
      })
  }

  /// Where a rising function is zero, by the Illinois method; an end where it has no change of sign.
  private static func root(
    from start: Double, to end: Double, small: Double, _ value: (Double) -> Double
  ) -> Double {
    var low = start
    var high = end
    var lowValue = value(low)
    var highValue = value(high)
    if lowValue >= 0 { return low }
    if highValue <= 0 { return high }
    var side = 0
    for _ in 0..<60 {
      let guess = high - highValue * (high - low) / (highValue - lowValue)
      let found = value(guess)
      if abs(found) < small || high - low < 1e-12 { return guess }
      if found > 0 {
        high = guess
        highValue = found
        if side > 0 { lowValue *= 0.5 }
        side = 1
      } else {
        low = guess
        lowValue = found
        if side < 0 { highValue *= 0.5 }
        side = -1
      }
    }
    return 0.5 * (low + high)
  }
}
