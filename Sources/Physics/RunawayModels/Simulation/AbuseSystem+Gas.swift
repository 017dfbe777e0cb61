// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas from the jelly roll through the headspace and the vent.

import Quantities

/// Flows of gas and solids, and the pressure.
struct GasFlow {
  /// Out of the jelly roll into the headspace, in mol/s and kg/s.
  var released = 0.0
  var releasedMass = 0.0
  /// Solvent boiling off, in kg/s.
  var evaporation = 0.0
  /// Through the vent, in mol/s and kg/s.
  var outMoles = 0.0
  var outMass = 0.0
  /// Solids torn along, in kg/s.
  var ejection = 0.0
  /// Absolute pressure inside, in pascals.
  var pressure = 0.0
}

/// Derivatives of the flows of gas.
struct GasSlopes {
  var isVented = false
  /// Of boiling by temperature and by what has boiled off.
  var evaporationByTemperature = 0.0
  var evaporationByEvaporated = 0.0
  /// Of the flow of moles by temperature, amount in the headspace and its molar mass.
  var outByTemperature = 0.0
  var outByAmount = 0.0
  var outByMolarMass = 0.0
  /// Flow of moles and molar mass of what flows.
  var outMoles = 0.0
  var molarMass = 0.0
  /// Of the molar mass by its mass and by its amount; zero where it is held at a bound.
  var molarMassByMass = 0.0
  var molarMassByAmount = 0.0
  /// Molar mass of what comes out of the jelly roll.
  var releasedMolarMass = 0.0
  /// Of ejection by the flow of mass and by what has been ejected.
  var ejectionByFlow = 0.0
  var ejectionByEjected = 0.0
}

extension AbuseSystem {
  /// Gas from the jelly roll through the headspace and the vent.
  @inline(__always)
  mutating func gasFlow(
    time: Double, state y: UnsafePointer<Double>, bulk: Double, moles: Double, gasMade: Double,
    molesMade: Double, keepsSlopes: Bool
  ) -> GasFlow {
    var flow = GasFlow()
    let casing = cell.casing
    let evaporated = y[place(.evaporated)]
    let left = casing.solventMass - evaporated
    let amount = max(1e-9, y[place(.gas)])
    let trapped = y[place(.trapped)]
    let outside = conditions.ambientPressure
    let releasedMolarMass = molesMade > 0 ? gasMade / molesMade : GasSpecies.inert.molarMass
    flow.released = trapped / casing.gasTime
    flow.releasedMass = flow.released * releasedMolarMass
    let vapour = casing.vapourPressure(bulk)
    guard isVented else {
      flow.pressure = casing.pressure(
        amount: amount, temperature: bulk, vapour: vapour * smoothStep(left / (1e-3 * cell.mass)),
        ambient: outside)
      if keepsSlopes {
        gasSlopes.isVented = false
        gasSlopes.releasedMolarMass = releasedMolarMass
      }
      return flow
    }
    let excess = (vapour - outside) / outside
    let boiling = max(0, min(1, excess)) / casing.boilingTime
    flow.evaporation = max(0, left) * boiling
    let perMole = PhysicalConstants.gas * bulk / casing.headspace
    flow.pressure = amount * perMole
    let unbounded = y[place(.gasMass)] / amount
    let molarMass = max(0.002, min(0.2, unbounded))
    flow.outMoles = casing.outflow(
      pressure: flow.pressure, ambient: outside, temperature: bulk,
      molarMass: molarMass, area: casing.ventArea)
    let flowing = flow.outMoles > 0 ? molarMass : GasSpecies.inert.molarMass
    flow.outMass = flow.outMoles * flowing
    let entrained = casing.entrainedShare(flow.outMass, capacity: cell.capacity)
    let largest = max(1e-9, casing.largestEjectedShare * cell.mass)
    let remaining = max(0, 1 - y[place(.ejected)] / largest)
    flow.ejection = casing.entrainment * max(0, flow.outMass) * entrained * remaining
    guard keepsSlopes else { return flow }

    gasSlopes.isVented = true
    gasSlopes.evaporationByTemperature =
      excess > 0 && excess < 1 && vapour < 5e6
      ? max(0, left) / casing.boilingTime * vapour / outside * 37_000
        / (PhysicalConstants.gas * bulk * bulk) : 0
    gasSlopes.evaporationByEvaporated = left > 0 ? -boiling : 0
    let higher = 1e-6 * flow.pressure
    let more = casing.outflow(
      pressure: flow.pressure + higher, ambient: outside, temperature: bulk,
      molarMass: molarMass, area: casing.ventArea)
    let byPressure = max(0, (more - flow.outMoles) / higher)
    gasSlopes.outByAmount = amount > 1e-9 ? byPressure * perMole : 0
    gasSlopes.outByTemperature =
      byPressure * flow.pressure / bulk - 0.5 * flow.outMoles / bulk
    gasSlopes.outByMolarMass = -0.5 * flow.outMoles / molarMass
    gasSlopes.outMoles = flow.outMoles
    gasSlopes.molarMass = flowing
    let isFree = unbounded > 0.002 && unbounded < 0.2 && flow.outMoles > 0
    gasSlopes.molarMassByMass = isFree ? 1 / amount : 0
    gasSlopes.molarMassByAmount = isFree ? -unbounded / amount : 0
    gasSlopes.releasedMolarMass = releasedMolarMass
    // s²/(1 + s²) has the slope 2·s/(1 + s²)² = 2·share·(1 − share)/s.
    let entrainedSlope =
      flow.outMass > 0 ? 2 * entrained * (1 - entrained) / flow.outMass : 0
    gasSlopes.ejectionByFlow =
      flow.outMass > 0
      ? casing.entrainment * remaining * (entrained + flow.outMass * entrainedSlope) : 0
    gasSlopes.ejectionByEjected =
      remaining > 0 ? -casing.entrainment * max(0, flow.outMass) * entrained / largest : 0
    return flow
  }
}
