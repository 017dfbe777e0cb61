// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage, currents and their heat in a cell under abuse.

import CellModels

/// Voltage, currents and their heat.
struct CellElectricity {
  /// Terminal voltage, in volts.
  var voltage = 0.0
  /// Current through the cell's resistance, in amperes.
  var cellCurrent = 0.0
  /// Current of internal shorts, and of the contact alone, in amperes.
  var shortCurrent = 0.0
  var contactCurrent = 0.0
  /// Charge taken out, as a fraction of the capacity a second; what is counted apart is not in it.
  var chargeRate = 0.0
  /// Charge through a collapsed separator that is counted apart, likewise.
  var collapseRate = 0.0
  /// Heat spread over the cell, in watts.
  var bulkHeat = 0.0
  /// Part of ``bulkHeat`` that comes from contact through a collapsed separator, in watts.
  var collapseHeat = 0.0
  /// The same and the charge rate if all of the separator were gone.
  var wholeCollapseHeat = 0.0
  var wholeCollapseRate = 0.0
  /// Heat at the contact of a short, in watts.
  var localHeat = 0.0
}

/// What voltage and currents depend on.
struct ElectricalPlace {
  var time: Double
  /// Temperature of the larger zone, in kelvin.
  var bulk: Double
  var stateOfCharge: Double
  /// Charge in the cell, counted by current alone.
  var netCharge: Double
  /// Charge taken out since the start, also through a collapsed separator.
  var charge: Double
  /// Separator left at its weakest place, and in the hot zone.
  var separatorLeft: Double
  var separatorHot: Double
  /// Part of the cell whose separator is gone.
  var collapsed: Double
}

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
    let edge = CellCondition.emptyReserve
    if stateOfCharge < 0 { return max(-1.5, 100 * stateOfCharge) }
    if stateOfCharge < edge { return cell.openCircuit.curve.value(at: edge) * stateOfCharge / edge }
    return min(5.3, cell.openCircuit.curve.value(at: stateOfCharge))
  }

  /// Whether no current flows but a load that alternates.
  @inline(__always)
  func isIdle(_ place: ElectricalPlace) -> Bool {
    conditions.short == nil && conditions.externalResistance == .infinity
      && conditions.current == 0 && place.collapsed == 0
  }

  /// A source behind the cell's resistance, with shorts and load across it.
  func electricity(_ place: ElectricalPlace) -> CellElectricity {
    var result = CellElectricity()
    let source = openCircuit(place.stateOfCharge)
    let load = isInterrupted ? 0 : conditions.loadCurrent
    let isAlone =
      conditions.short == nil && conditions.externalResistance == .infinity
      && conditions.current == 0 && load == 0
    if isAlone, place.collapsed == 0 || source <= 0 {
      result.voltage = source
      return result
    }
    let resistance =
      cell.resistance
      * cell.resistanceFactor.value(
        temperature: place.bulk, stateOfCharge: place.stateOfCharge)
      * shutdownFactor(place.bulk, place.separatorLeft)
    let shortConductance =
      conditions.short?.conductance(
        time: place.time, molten: smoothStep(1 - place.separatorHot)) ?? 0
    let external = isInterrupted ? 0 : 1 / conditions.externalResistance
    let imposed = isInterrupted ? 0 : conditions.current
    let voltage =
      (source / resistance - imposed) / (1 / resistance + shortConductance + external)
    let current = (source - voltage) / resistance
    let shortHeat = voltage * voltage * shortConductance
    result.bulkHeat = (current * current + load * load) * resistance
    var taken = current
    if current < 0, place.netCharge > Self.oxidationCharge {
      // Charge that decomposes electrolyte instead of being stored turns to heat whole.
      let parasitic = smoothStep((place.netCharge - Self.oxidationCharge) / 0.2)
      taken -= current * parasitic
      result.bulkHeat += -current * parasitic * source
    }
    result.voltage = voltage
    result.shortCurrent = voltage * shortConductance
    if place.collapsed > 0, let separator = cell.separator {
      let open = smoothStep(
        (separator.collapseShare * condition.stateOfCharge - place.charge) / 0.02)
      let whole = separator.collapseResistance * 3_600 / cell.capacity
      let wholeCurrent = max(0, source) * open / whole
      result.wholeCollapseHeat = wholeCurrent * source
      result.wholeCollapseRate = wholeCurrent / cell.capacity
      let collapse = wholeCurrent * place.collapsed
      result.collapseHeat = collapse * source
      result.bulkHeat += result.collapseHeat
      result.voltage *= 1 - place.collapsed
      result.shortCurrent = result.voltage * shortConductance + collapse
      if countsCollapse {
        result.collapseRate = collapse / cell.capacity
      } else {
        taken += collapse
      }
    }
    result.contactCurrent = voltage * shortConductance
    let localShare = zoneCount == 2 ? conditions.short?.localHeatShare ?? 1 : 0
    result.localHeat = shortHeat * localShare
    result.bulkHeat += shortHeat - result.localHeat
    result.chargeRate = taken / cell.capacity
    result.cellCurrent = current
    return result
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
