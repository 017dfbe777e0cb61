// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rates of change of a cell under abuse.

import BatteryDomain
import CellModels
import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zero below 0, one above 1, a cubic between.
@inline(__always)
func smoothStep(_ x: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  return x * x * (3 - 2 * x)
}

func cubeRoot(_ x: Double) -> Double { cbrt(x) }

extension AbuseSystem {
  /// Charge above which more lithium is plated instead of stored.
  static var platingCharge: Double { 1.05 }
  /// Charge above which current decomposes electrolyte instead of being stored.
  static var oxidationCharge: Double { 1.2 }

  /// Open-circuit voltage, also where the cell is empty, reversed or overcharged, in volts.
  ///
  /// Below 2 % it falls to zero in a straight line, as lithium that reactions have used up cannot
  /// deliver current; reversed it is held at −1.5 V (copper dissolves); overcharged it is held at
  /// 5.3 V (electrolyte is oxidised).
  @inline(__always)
  func openCircuit(_ stateOfCharge: Double) -> Double {
    let edge = 0.02
    if stateOfCharge < 0 { return max(-1.5, 100 * stateOfCharge) }
    if stateOfCharge < edge { return cell.openCircuit.curve.value(at: edge) * stateOfCharge / edge }
    return min(5.3, cell.openCircuit.curve.value(at: stateOfCharge))
  }

  /// Writes all rates of change and fills ``derived``.
  ///
  /// - Complexity: O(zones · factors of reactions).
  mutating func evaluateAll(
    time: Double, state y: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>
  ) -> Bool {
    let reactions = kernel.reactionCount
    let gasOut = y[place(.gasOut)]
    let ejected = y[place(.ejected)]
    let feedsBack = cell.casing.ventFeedback
    let mass = feedsBack ? max(0.05 * cell.mass, cell.mass - gasOut - ejected) : cell.mass
    // Solids outside react there.
    let outside = feedsBack ? max(0, min(1, ejected / cell.mass)) : 0
    let heatCapacity = mass * cell.specificHeat
    let charge = y[place(.charge)]
    let netCharge = condition.stateOfCharge * (1 - condition.lithiumLoss) - charge
    let platingNow = platedIndex == nil ? 0 : max(0, netCharge - Self.platingCharge)

    var stateOfCharge = 0.0
    var reactionHeat = 0.0
    var moles = 0.0
    var gasMass = 0.0
    var gasMade = 0.0
    var molesMade = 0.0
    var separatorLeft = 1.0
    var separatorHot = 1.0
    var collapsed = 0.0
    var bulk = 0.0
    var hot = 0.0
    for zone in 0..<zoneCount {
      let share = share(zone)
      let block = y + zone * blockSize
      let temperature =
        referenceTemperature + block[reactions] / (share * heatCapacity)
      guard temperature.isFinite, temperature > 20, temperature < 20_000 else { return false }
      if zone == 0 { hot = temperature }
      bulk = temperature
      kernel.fillContents(
        initial: initial.base + zone * kernel.contentCount, extents: block, charge: charge,
        into: contents.base)
      if let anodeIndex {
        let fresh = kernel.freshContents[anodeIndex]
        if let platedIndex, platingNow > 0 {
          contents.base[anodeIndex] -= fresh * platingNow
          contents.base[platedIndex] += fresh * platingNow
        }
        let left = contents.base[anodeIndex] / fresh
        // Reversal leaves the anode empty; what reactions used up cannot become negative.
        stateOfCharge += share * (netCharge < 0 ? min(left, netCharge) : max(0, left))
      }
      if let separatorIndex {
        let left = contents.base[separatorIndex]
        separatorLeft = min(separatorLeft, left)
        if zone == 0 { separatorHot = left }
        collapsed += share * smoothStep((0.05 - left) / 0.05)
      }
      reactionHeat +=
        share
        * kernel.evaluate(temperature: temperature, contents: contents.base, rates: rates.base)
      var zoneHeat = 0.0
      for i in 0..<reactions {
        let rate = rates.base[i]
        f[zone * blockSize + i] = rate
        zoneHeat += rate * kernel.heats[i]
        moles += share * rate * gasMoles[i]
        gasMass += share * rate * gasMasses[i]
        gasMade += share * block[i] * gasMasses[i]
        molesMade += share * block[i] * gasMoles[i]
      }
      f[zone * blockSize + reactions] = share * zoneHeat
    }
    stateOfCharge += platingNow

    // Electricity: source behind the cell's resistance, with shorts and load across it.
    let resistance =
      cell.resistance
      * cell.resistanceFactor.value(temperature: bulk, stateOfCharge: stateOfCharge)
      * shutdownFactor(bulk, separatorLeft)
    let voltageSource = openCircuit(stateOfCharge)
    let shortConductance =
      conditions.short?.conductance(time: time, molten: smoothStep(1 - separatorHot)) ?? 0
    let external = isInterrupted ? 0 : 1 / conditions.externalResistance
    let imposed = isInterrupted ? 0 : conditions.current
    var voltage =
      (voltageSource / resistance - imposed) / (1 / resistance + shortConductance + external)
    let cellCurrent = (voltageSource - voltage) / resistance
    let shortHeat = voltage * voltage * shortConductance
    var bulkHeat = cellCurrent * cellCurrent * resistance
    let load = isInterrupted ? 0 : conditions.loadCurrent
    bulkHeat += load * load * resistance
    var taken = cellCurrent
    if cellCurrent < 0, netCharge > Self.oxidationCharge {
      // Charge that decomposes electrolyte instead of being stored turns to heat whole.
      let parasitic = smoothStep((netCharge - Self.oxidationCharge) / 0.2)
      taken -= cellCurrent * parasitic
      bulkHeat += -cellCurrent * parasitic * voltageSource
    }
    var collapseCurrent = 0.0
    if collapsed > 0, let separator = cell.separator {
      let open =
        smoothStep((separator.collapseShare * condition.stateOfCharge - charge) / 0.02)
      let whole = separator.collapseResistance * 3_600 / cell.capacity
      collapseCurrent = max(0, voltageSource) * collapsed * open / whole
      bulkHeat += collapseCurrent * voltageSource
      voltage *= 1 - collapsed
    }
    let localShare = zoneCount == 2 ? conditions.short?.localHeatShare ?? 1 : 0
    let localHeat = shortHeat * localShare
    bulkHeat += shortHeat - localHeat
    f[place(.charge)] = (taken + collapseCurrent) / cell.capacity

    // Heat to and from outside and between the zones.
    let ambient = conditions.ambientTemperature(time)
    var loss = 0.0
    if !conditions.isAdiabatic {
      let squared = bulk * bulk
      let ambientSquared = ambient * ambient
      loss =
        cell.surface
        * (conditions.convection * (bulk - ambient)
          + cell.emissivity * PhysicalConstants.stefanBoltzmann
          * (squared * squared - ambientSquared * ambientSquared))
    }

    // Gas.
    let evaporated = y[place(.evaporated)]
    let left = cell.casing.solventMass - evaporated
    let amount = max(1e-9, y[place(.gas)])
    let trapped = y[place(.trapped)]
    let released = trapped / cell.casing.gasTime
    let vapour = cell.casing.vapourPressure(bulk)
    var evaporation = 0.0
    var outMoles = 0.0
    var outMass = 0.0
    var ejection = 0.0
    var pressure = 0.0
    if isVented {
      let excess = (vapour - conditions.ambientPressure) / conditions.ambientPressure
      evaporation = max(0, left) / cell.casing.boilingTime * max(0, min(1, excess))
      pressure =
        amount * PhysicalConstants.gas * bulk / cell.casing.headspace
      let inHeadspace =
        inertMoles * GasSpecies.inert.molarMass + evaporated - gasOut
        + (molesMade > 0 ? gasMade * max(0, 1 - trapped / molesMade) : 0)
      let molarMass = max(0.002, min(0.2, inHeadspace / amount))
      outMoles = cell.casing.outflow(
        pressure: pressure, ambient: conditions.ambientPressure, temperature: bulk,
        molarMass: molarMass, area: cell.casing.ventArea)
      outMass = outMoles * (outMoles > 0 ? molarMass : GasSpecies.inert.molarMass)
      // Solids are torn along where gas leaves faster than 0.1 g a second and 3 Ah (25 m/s).
      let scaled = max(0, outMass) / (1e-4 * cell.capacity / 10_800)
      let entrained = scaled * scaled / (1 + scaled * scaled)
      let largest = cell.casing.largestEjectedShare * cell.mass
      ejection =
        cell.casing.entrainment * max(0, outMass) * entrained
        * max(0, 1 - ejected / max(1e-9, largest))
    } else {
      pressure = cell.casing.pressure(
        amount: amount, temperature: bulk, vapour: vapour * smoothStep(left / (1e-3 * cell.mass)),
        ambient: conditions.ambientPressure)
    }
    f[place(.trapped)] = moles - released
    f[place(.gas)] = released + evaporation / solventMolarMass - outMoles
    f[place(.evaporated)] = evaporation
    f[place(.gasOut)] = outMass
    f[place(.ejected)] = ejection

    // Energy of the zones and the ledgers.
    let leaving = feedsBack ? (outMass + ejection) * cell.specificHeat : 0
    let cooling =
      feedsBack ? CasingDesign.evaporationHeat * evaporation + outside * reactionHeat : 0
    var carried = cooling
    for zone in 0..<zoneCount {
      let share = share(zone)
      let temperature = zone == zoneCount - 1 ? bulk : hot
      let out = share * leaving * (temperature - referenceTemperature)
      carried += out
      f[zone * blockSize + reactions] +=
        share * bulkHeat - out - share * cooling
    }
    f[reactions] += localHeat + conditions.heaterPower
    f[(zoneCount - 1) * blockSize + reactions] -= loss
    if zoneCount == 2 {
      let flow = zoneConductance * (hot - bulk)
      f[reactions] -= flow
      f[blockSize + reactions] += flow
    }
    f[place(.joule)] = bulkHeat + localHeat
    f[place(.heater)] = conditions.heaterPower
    f[place(.loss)] = loss
    f[place(.carried)] = carried

    let last = zoneCount - 1
    let lastShare = share(last)
    derived.temperature = bulk
    derived.hotTemperature = hot
    derived.voltage = voltage
    derived.stateOfCharge = stateOfCharge
    derived.pressure = pressure
    derived.reactionHeat = reactionHeat
    derived.electricalHeat = bulkHeat + localHeat
    derived.loss = loss
    derived.temperatureRate =
      (f[last * blockSize + reactions] + lastShare * leaving * (bulk - referenceTemperature))
      / (lastShare * heatCapacity)
    derived.separatorLeft = separatorLeft
    derived.collapsed = collapsed
    derived.outflow = outMoles
    derived.ejection = ejection
    derived.shortCurrent = voltage * shortConductance + collapseCurrent
    derived.cellCurrent = cellCurrent
    derived.heatCapacity = heatCapacity
    derived.ambient = ambient
    return true
  }

  /// How many times the resistance has grown because pores closed; one again where the separator
  /// is gone.
  @inline(__always)
  private func shutdownFactor(_ temperature: Double, _ separatorLeft: Double) -> Double {
    guard let middle = cell.separator?.shutdownTemperature else { return 1 }
    let closed = smoothStep((temperature - middle + 3) / 6) * max(0, min(1, separatorLeft))
    return 1 + 300 * closed
  }
}
