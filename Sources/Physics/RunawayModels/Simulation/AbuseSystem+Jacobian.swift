// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Jacobian of a cell under abuse, and the linear algebra of its steps.

import NumericalMethods

/// Derivatives kept by an evaluation, from which the Jacobian is put together.
struct AbuseSlopes {
  var heatCapacity = 1.0
  var mass = 1.0
  var massIsFree = false
  var outside = 0.0
  var outsideIsFree = false
  var leaving = 0.0
  var reactionHeat = 0.0
  /// Of the hot zone and the rest, in kelvin.
  var temperatures = (0.0, 0.0)
  var hasLithium = (false, false)
  var hasCurrent = false
  var chargeRateByTemperature = 0.0
  var bulkHeatByTemperature = 0.0
  var localHeatByTemperature = 0.0
  var chargeRateByCharge = 0.0
  var collapseRateByCharge = 0.0
  var bulkHeatByCharge = 0.0
  var localHeatByCharge = 0.0
  var bulkHeatByCollapse = 0.0
  var chargeRateByCollapse = 0.0
  /// Of the collapsed part by the separator left in each zone.
  var collapse = (0.0, 0.0)
  /// Of the loss to the surroundings by temperature, in W/K.
  var loss = 0.0

  mutating func setCollapse(_ zone: Int, _ value: Double) {
    if zone == 0 { collapse.0 = value } else { collapse.1 = value }
  }

  mutating func setHasLithium(_ zone: Int, _ value: Bool) {
    if zone == 0 { hasLithium.0 = value } else { hasLithium.1 = value }
  }
}

extension AbuseSystem: LinearlyImplicitSystem {
  var unknownCount: Int { coreCount + Self.ledgerCount }

  /// Rows of the Jacobian that are put together before they are shared out.
  private enum Row: Int, CaseIterable {
    case heat, bulk, local, evaporation, out, outMass, ejection
  }
  static var helperRows: Int { Row.allCases.count }

  /// Puts the Jacobian together: `[unknownCount × coreCount]`, row-major, as nothing depends on the
  /// ledgers.
  ///
  /// Left out are how plating acts on currents, what charge makes of the heat of a load that alternates, and how the molar mass of new gas changes: they are slow, and
  /// the method keeps its order without them.
  /// The rows of energy are sums of those of reactions and ledgers, so that the balance of energy
  /// is kept to rounding.
  mutating func fillJacobian() {
    let core = coreCount
    let r = kernel.reactionCount
    let j = jacobian.base
    (j).update(repeating: 0, count: unknownCount * core)
    let helpers = rows.base
    helpers.update(repeating: 0, count: Self.helperRows * core)
    func helper(_ row: Row) -> UnsafeMutablePointer<Double> { helpers + row.rawValue * core }
    let heat = helper(.heat)
    let last = zoneCount - 1

    for zone in 0..<zoneCount {
      let share = share(zone)
      let block = zone * blockSize
      let room = kinetics.base + zone * r * (r + 2)
      for i in 0..<r {
        let row = j + (block + i) * core
        for k in 0..<r { row[block + k] = room[(2 + i) * r + k] }
        row[place(.charge)] = room[r + i]
        addTemperature(row, zone, room[i])
        let heatWeight = share * kernel.heats[i]
        let energy = j + (block + r) * core
        for k in 0..<core { energy[k] += heatWeight * row[k] }
        guard couplesGas else { continue }
        let gasWeight = share * gasMoles[i]
        let trapped = j + place(.trapped) * core
        for k in 0..<core {
          heat[k] += heatWeight * row[k]
          trapped[k] += gasWeight * row[k]
        }
      }
    }

    // Electricity.
    let bulkHeat = helper(.bulk)
    let localHeat = helper(.local)
    if slopes.hasCurrent {
      let charge = j + place(.charge) * core
      addTemperature(charge, last, slopes.chargeRateByTemperature)
      addTemperature(bulkHeat, last, slopes.bulkHeatByTemperature)
      addTemperature(localHeat, last, slopes.localHeatByTemperature)
      addCharge(charge, slopes.chargeRateByCharge)
      addCharge(bulkHeat, slopes.bulkHeatByCharge)
      addCharge(localHeat, slopes.localHeatByCharge)
      if countsCollapse {
        let apart = j + place(.collapse) * core
        addCharge(apart, slopes.collapseRateByCharge)
        addCollapse(apart, slopes.chargeRateByCollapse)
      } else {
        addCollapse(charge, slopes.chargeRateByCollapse)
      }
      addCollapse(bulkHeat, slopes.bulkHeatByCollapse)
    }

    // Gas.
    let hasLeaving = couplesGas && gasSlopes.isVented
    if couplesGas {
      let toGas = 1 / cell.casing.gasTime
      j[place(.trapped) * core + place(.trapped)] -= toGas
      j[place(.gas) * core + place(.trapped)] += toGas
      j[place(.gasMass) * core + place(.trapped)] += toGas * gasSlopes.releasedMolarMass
      if hasLeaving { fillFlowRows() }
    }

    // Energy.
    let energyLast = (last * blockSize + r) * core
    let joule = j + place(.joule) * core
    let loss = j + place(.loss) * core
    let carried = j + place(.carried) * core
    addTemperature(loss, last, slopes.loss)
    let evaporation = helper(.evaporation)
    let outMass = helper(.outMass)
    let ejection = helper(.ejection)
    for zone in 0..<zoneCount {
      let share = share(zone)
      let row = j + (zone * blockSize + r) * core
      if slopes.hasCurrent {
        for k in 0..<core { row[k] += share * bulkHeat[k] }
      }
      guard couplesGas else { continue }
      let above =
        (zone == last ? slopes.temperatures.1 : slopes.temperatures.0) - referenceTemperature
      // What cools this zone: evaporation, reactions outside, and mass that leaves.
      for k in 0..<core {
        var sum =
          share * (CasingDesign.evaporationHeat * evaporation[k] + slopes.outside * heat[k])
        if hasLeaving { sum += share * above * cell.specificHeat * (outMass[k] + ejection[k]) }
        row[k] -= sum
        carried[k] += sum
      }
      if slopes.outsideIsFree {
        let value = share * slopes.reactionHeat / cell.mass
        row[place(.ejected)] -= value
        carried[place(.ejected)] += value
      }
      addTemperature(row, zone, -share * slopes.leaving)
      addTemperature(carried, zone, share * slopes.leaving)
    }
    if slopes.hasCurrent {
      for k in 0..<core {
        joule[k] = bulkHeat[k] + localHeat[k]
        j[r * core + k] += localHeat[k]
      }
    }
    for k in 0..<core { j[energyLast + k] -= loss[k] }
    if zoneCount == 2 {
      let hot = j + r * core
      let rest = j + (blockSize + r) * core
      addTemperature(hot, 0, -zoneConductance)
      addTemperature(hot, 1, zoneConductance)
      addTemperature(rest, 0, zoneConductance)
      addTemperature(rest, 1, -zoneConductance)
    }
  }

  /// Rows of what flows out of an open vent.
  private func fillFlowRows() {
    let core = coreCount
    let j = jacobian.base
    let evaporation = rows.base + Row.evaporation.rawValue * core
    let out = rows.base + Row.out.rawValue * core
    let outMass = rows.base + Row.outMass.rawValue * core
    let ejection = rows.base + Row.ejection.rawValue * core
    let last = zoneCount - 1
    addTemperature(evaporation, last, gasSlopes.evaporationByTemperature)
    evaporation[place(.evaporated)] += gasSlopes.evaporationByEvaporated

    // Molar mass in the headspace, kept in the row of the mass flow until that is made.
    let byMass = gasSlopes.molarMassByMass
    outMass[place(.gasMass)] += byMass
    outMass[place(.gas)] += gasSlopes.molarMassByAmount
    addTemperature(out, last, gasSlopes.outByTemperature)
    out[place(.gas)] += gasSlopes.outByAmount
    for k in 0..<core { out[k] += gasSlopes.outByMolarMass * outMass[k] }
    for k in 0..<core {
      outMass[k] = gasSlopes.molarMass * out[k] + gasSlopes.outMoles * outMass[k]
    }
    for k in 0..<core { ejection[k] = gasSlopes.ejectionByFlow * outMass[k] }
    ejection[place(.ejected)] += gasSlopes.ejectionByEjected

    let gas = j + place(.gas) * core
    let evaporated = j + place(.evaporated) * core
    let gasMass = j + place(.gasMass) * core
    let gasOut = j + place(.gasOut) * core
    let ejected = j + place(.ejected) * core
    let perMass = 1 / solventMolarMass
    for k in 0..<core {
      gas[k] += evaporation[k] * perMass - out[k]
      evaporated[k] += evaporation[k]
      gasMass[k] += evaporation[k] - outMass[k]
      gasOut[k] += outMass[k]
      ejected[k] += ejection[k]
    }
  }

  /// Adds what depends on the temperature of a zone.
  @inline(__always)
  private func addTemperature(_ row: UnsafeMutablePointer<Double>, _ zone: Int, _ slope: Double) {
    row[zone * blockSize + blockSize - 1] += slope / (share(zone) * slopes.heatCapacity)
    guard slopes.massIsFree else { return }
    let temperature = zone == zoneCount - 1 ? slopes.temperatures.1 : slopes.temperatures.0
    let byMass = slope * (temperature - referenceTemperature) / slopes.mass
    row[place(.gasOut)] += byMass
    row[place(.ejected)] += byMass
  }

  /// Adds what depends on charge: taken out by current, or lithium used up by reactions.
  @inline(__always)
  private func addCharge(_ row: UnsafeMutablePointer<Double>, _ slope: Double) {
    row[place(.charge)] += slope
    if countsCollapse { row[place(.collapse)] += slope }
    guard let anodeIndex else { return }
    let r = kernel.reactionCount
    for zone in 0..<zoneCount where zone == 0 ? slopes.hasLithium.0 : slopes.hasLithium.1 {
      let weight = -slope * share(zone) / kernel.freshContents[anodeIndex]
      for i in 0..<r { row[zone * blockSize + i] += weight * kernel.changes[anodeIndex * r + i] }
    }
  }

  /// Adds what depends on how much of the separator is gone.
  @inline(__always)
  private func addCollapse(_ row: UnsafeMutablePointer<Double>, _ slope: Double) {
    guard let separatorIndex else { return }
    let r = kernel.reactionCount
    for zone in 0..<zoneCount {
      let weight = slope * (zone == 0 ? slopes.collapse.0 : slopes.collapse.1)
      for i in 0..<r {
        row[zone * blockSize + i] += weight * kernel.changes[separatorIndex * r + i]
      }
    }
  }

  mutating func factor(leading: Double) -> Bool {
    leadingUsed = leading
    let core = coreCount
    let j = jacobian.base
    let a = matrix.base
    for row in 0..<core {
      for column in 0..<core { a[column * core + row] = -j[row * core + column] }
      a[row * core + row] += leading
    }
    guard SmallMatrix.factor(a, core, smallest: 1e-6 * leading) else { return false }
    SmallMatrix.findTops(a, core, tops.base)
    return true
  }

  mutating func dampen(_ error: UnsafeMutablePointer<Double>) {
    for n in 0..<coreCount { error[n] *= leadingUsed }
    SmallMatrix.solve(matrix.base, coreCount, tops: tops.base, error)
  }

  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>) {
    let core = coreCount
    SmallMatrix.solve(matrix.base, core, tops: tops.base, rightSide)
    let inverse = 1 / leadingUsed
    let heater = place(.heater)
    let carried = place(.carried)
    for ledger in core..<core + Self.ledgerCount {
      var sum = rightSide[ledger]
      // A heater depends on nothing, and nothing is carried off where gas does not act back.
      if ledger != heater, couplesGas || ledger != carried {
        let row = jacobian.base + ledger * core
        for column in 0..<core { sum += row[column] * rightSide[column] }
      }
      rightSide[ledger] = sum * inverse
    }
  }

  func errorNorm(
    _ error: UnsafePointer<Double>, from old: UnsafePointer<Double>, to new: UnsafePointer<Double>
  ) -> Double {
    var largest = 0.0
    for n in 0..<coreCount {
      let scale =
        absoluteTolerances.base[n] + relativeTolerances.base[n] * max(abs(old[n]), abs(new[n]))
      let value = abs(error[n]) / scale
      if !(value <= largest) { largest = value }
    }
    return largest
  }

  /// Writes the tolerances of all unknowns: extents by the heat that hangs on them, with that of the
  /// charge whose lithium they use up, 20 K times the relative tolerance where that is tight.
  func fillTolerances() {
    let t = absoluteTolerances.base
    let r = tolerance
    for n in 0..<coreCount { relativeTolerances.base[n] = r }
    for zone in 0..<zoneCount {
      for i in 0..<blockSize - 1 {
        var heat = abs(kernel.heats[i])
        if let anodeIndex {
          heat +=
            abs(kernel.changes[anodeIndex * kernel.reactionCount + i])
            / kernel.freshContents[anodeIndex] * cell.nominalEnergy
        }
        let perKelvin = cell.heatCapacity / max(1e-9, heat)
        t[zone * blockSize + i] = r * max(0.01, min(0.03, 20 * perKelvin))
        relativeTolerances.base[zone * blockSize + i] = r * min(1, 2 * perKelvin)
      }
      t[zone * blockSize + blockSize - 1] = r * share(zone) * cell.heatCapacity * 5
      relativeTolerances.base[zone * blockSize + blockSize - 1] = 0.3 * r
    }
    t[place(.charge)] = 0.03 * r
    relativeTolerances.base[place(.charge)] = 0.3 * r
    if countsCollapse {
      t[place(.collapse)] = 0.03 * r
      relativeTolerances.base[place(.collapse)] = 0.3 * r
    }
    guard couplesGas else { return }
    relativeTolerances.base[place(.gas)] = min(0.3, 30 * r)
    relativeTolerances.base[place(.trapped)] = min(0.3, 30 * r)
    relativeTolerances.base[place(.gasMass)] = min(0.5, 50 * r)
    // Gas near equilibrium with the surroundings sets only the last percent of pressure.
    t[place(.gas)] = 30 * r * inertMoles
    t[place(.trapped)] = 30 * r * inertMoles
    t[place(.gasMass)] = 50 * r * inertMoles * GasSpecies.inert.molarMass
    t[place(.evaporated)] = r * 0.1 * cell.mass
    t[place(.gasOut)] = r * 0.1 * cell.mass
    t[place(.ejected)] = r * 0.1 * cell.mass
  }
}
