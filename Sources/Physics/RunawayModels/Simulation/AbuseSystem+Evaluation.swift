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
  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool { evaluateAll(time: time, state: state, into: rates, keepsSlopes: false) }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard evaluateAll(time: time, state: state, into: rates, keepsSlopes: true) else {
      return false
    }
    fillJacobian()
    return true
  }

  /// Writes all rates of change and fills ``derived``; fills ``slopes`` where they are kept.
  ///
  /// - Complexity: O(zones · factors of reactions).
  @inline(__always)
  mutating func evaluateAll(
    time: Double, state y: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>,
    keepsSlopes: Bool
  ) -> Bool {
    let reactions = kernel.reactionCount
    let feedsBack = couplesGas
    let ejected = feedsBack ? y[place(.ejected)] : 0
    let remaining = feedsBack ? cell.mass - y[place(.gasOut)] - ejected : cell.mass
    let mass = feedsBack ? max(0.05 * cell.mass, remaining) : cell.mass
    // Solids outside react there.
    let outside = feedsBack ? max(0, min(1, ejected / cell.mass)) : 0
    let heatCapacity = mass * cell.specificHeat
    let charge = y[place(.charge)]
    // Through a collapsed separator, without a loss to the reactions.
    let apart = countsCollapse ? y[place(.collapse)] : 0
    let netCharge = condition.stateOfCharge * (1 - condition.lithiumLoss) - charge - apart
    let platingNow = platedIndex == nil ? 0 : max(0, netCharge - Self.platingCharge)

    var stateOfCharge = 0.0
    var reactionHeat = 0.0
    var moles = 0.0
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
        let left = contents.base[anodeIndex] / fresh - apart
        // Reversal leaves the anode empty; what reactions used up cannot become negative.
        stateOfCharge += share * (netCharge < 0 ? min(left, netCharge) : max(0, left))
        if keepsSlopes { slopes.setHasLithium(zone, left > 0 && netCharge >= 0) }
      }
      if let separatorIndex {
        let left = contents.base[separatorIndex]
        separatorLeft = min(separatorLeft, left)
        if zone == 0 { separatorHot = left }
        // Gone at 2.5 % (Feng et al. 2015, doi:10.1016/j.apenergy.2015.04.118), from 3 % on.
        let x = max(0, min(1, (0.03 - left) / 0.005))
        collapsed += share * smoothStep(x)
        if keepsSlopes { slopes.setCollapse(zone, -share * 6 * x * (1 - x) / 0.005) }
      }
      let rates = f + zone * blockSize
      let zoneHeat: Double
      if keepsSlopes {
        let room = kinetics.base + zone * reactions * (reactions + 2)
        zoneHeat = kernel.linearize(
          temperature: temperature, contents: contents.base, rates: rates, slopes: room,
          jacobian: room + 2 * reactions, chargeSlopes: room + reactions, holdsSlopes: true)
      } else {
        zoneHeat = kernel.evaluate(
          temperature: temperature, contents: contents.base, rates: rates)
      }
      reactionHeat += share * zoneHeat
      if feedsBack {
        for i in 0..<reactions {
          moles += share * rates[i] * gasMoles[i]
          gasMade += share * block[i] * gasMasses[i]
          molesMade += share * block[i] * gasMoles[i]
        }
      }
      rates[reactions] = share * zoneHeat
    }
    stateOfCharge += platingNow

    // Electricity.
    let electrical = ElectricalPlace(
      time: time, bulk: bulk, stateOfCharge: stateOfCharge, netCharge: netCharge,
      charge: charge + apart, separatorLeft: separatorLeft, separatorHot: separatorHot,
      collapsed: collapsed)
    let electricity = electricity(electrical)
    let bulkHeat = electricity.bulkHeat
    let localHeat = electricity.localHeat
    f[place(.charge)] = electricity.chargeRate
    if countsCollapse { f[place(.collapse)] = electricity.collapseRate }

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

    var gas = GasFlow()
    if feedsBack {
      gas = gasFlow(
        time: time, state: y, bulk: bulk, moles: moles, gasMade: gasMade, molesMade: molesMade,
        keepsSlopes: keepsSlopes)
      f[place(.trapped)] = moles - gas.released
      f[place(.gas)] = gas.released + gas.evaporation / solventMolarMass - gas.outMoles
      f[place(.gasMass)] = gas.releasedMass + gas.evaporation - gas.outMass
      f[place(.evaporated)] = gas.evaporation
      f[place(.gasOut)] = gas.outMass
      f[place(.ejected)] = gas.ejection
    }

    // Energy of the zones and the ledgers.
    let leaving = feedsBack ? (gas.outMass + gas.ejection) * cell.specificHeat : 0
    let cooling =
      feedsBack ? CasingDesign.evaporationHeat * gas.evaporation + outside * reactionHeat : 0
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

    if keepsSlopes {
      slopes.heatCapacity = heatCapacity
      slopes.massIsFree = feedsBack && remaining > 0.05 * cell.mass
      slopes.mass = mass
      slopes.outside = outside
      slopes.outsideIsFree = feedsBack && ejected > 0 && ejected < cell.mass
      slopes.leaving = leaving
      slopes.reactionHeat = reactionHeat
      slopes.temperatures = (hot, bulk)
      keepElectricalSlopes(electrical, electricity)
      slopes.loss =
        conditions.isAdiabatic
        ? 0
        : cell.surface
          * (conditions.convection + 4 * cell.emissivity * PhysicalConstants.stefanBoltzmann
            * bulk * bulk * bulk)
    }

    let last = zoneCount - 1
    let lastShare = share(last)
    derived.temperature = bulk
    derived.hotTemperature = hot
    derived.voltage = electricity.voltage
    derived.stateOfCharge = stateOfCharge
    derived.reactionHeat = reactionHeat
    derived.collapseHeat = electricity.collapseHeat
    derived.electricalHeat = bulkHeat + localHeat
    derived.loss = loss
    derived.temperatureRate =
      (f[last * blockSize + reactions] + lastShare * leaving * (bulk - referenceTemperature))
      / (lastShare * heatCapacity)
    derived.separatorLeft = separatorLeft
    derived.collapsed = collapsed
    if feedsBack {
      derived.pressure = gas.pressure
      derived.outflow = gas.outMoles
    }
    derived.shortCurrent = electricity.shortCurrent
    derived.contactCurrent = electricity.contactCurrent
    derived.cellCurrent = electricity.cellCurrent
    derived.heatCapacity = heatCapacity
    derived.ambient = ambient
    return true
  }

  /// Differences of voltage and currents by temperature and charge; none where nothing flows.
  private mutating func keepElectricalSlopes(
    _ place: ElectricalPlace, _ base: CellElectricity
  ) {
    slopes.hasCurrent = !isIdle(place)
    guard slopes.hasCurrent else { return }
    slopes.bulkHeatByCollapse = base.wholeCollapseHeat
    slopes.chargeRateByCollapse = base.wholeCollapseRate
    var moved = place
    let warmer = 1e-4
    moved.bulk += warmer
    let hot = electricity(moved)
    slopes.chargeRateByTemperature = (hot.chargeRate - base.chargeRate) / warmer
    slopes.bulkHeatByTemperature = (hot.bulkHeat - base.bulkHeat) / warmer
    slopes.localHeatByTemperature = (hot.localHeat - base.localHeat) / warmer
    moved = place
    let less = 1e-7
    moved.charge += less
    moved.netCharge -= less
    moved.stateOfCharge -= less
    let empty = electricity(moved)
    slopes.chargeRateByCharge = (empty.chargeRate - base.chargeRate) / less
    slopes.collapseRateByCharge = (empty.collapseRate - base.collapseRate) / less
    slopes.bulkHeatByCharge = (empty.bulkHeat - base.bulkHeat) / less
    slopes.localHeatByCharge = (empty.localHeat - base.localHeat) / less
  }
}
