// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas of cells in the housing: what comes in, what it heats, when the panel bursts.

import Quantities
import RunawayModels

extension PackSimulation {
  /// Tells the network what gas its next step starts from.
  mutating func prepareGas(_ step: Double) {
    guard let gas = gasPath else { return }
    for k in 0..<gas.count {
      heat.network.setGas(
        k, temperature: gas.temperature(k), capacity: gas.heatCapacity(k), step: step)
    }
  }

  /// Lets the gas flow for a step that the network has taken.
  mutating func moveGas(_ step: Double, given: [Double]) {
    guard gasPath != nil else { return }
    let burst = gasPath?.isBurst ?? false
    let torn = gasPath?.hasTorn ?? false
    gasPath?.advance(
      step, heat: given,
      ambient: heat.network.sinkTemperature[ThermalNetwork.Sink.ambient.rawValue])
    if !burst, gasPath?.isBurst == true { note(.burst, cell: nil) }
    if !torn, gasPath?.hasTorn == true { note(.torn, cell: nil) }
  }

  /// Lets a vented cell give what gas it has made since into its compartment.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - ejecta: Heat that ejected mass has taken out of the cell, in joules, and its heat capacity, in
  ///     J/K; what the gas does not need settles with the solids on the wall.
  mutating func releaseGas(_ cell: Int, carried ejecta: (heat: Double, capacity: Double)) {
    guard gasPath != nil else { return }
    let k = compartments[cell]
    let carried = ejecta.heat
    if ejecta.capacity > 0 { heat.network.load(heat.wallNodes[k], capacity: ejecta.capacity) }
    guard ventedAt[cell] < .infinity else {
      enthalpy[heat.wallNodes[k]] += carried
      return
    }
    let amount = gasMade(cell) - gasGiven[cell]
    gasGiven[cell] += amount
    let range = heat.nodes(ofCell: cell)
    var mean = 0.0
    for node in range {
      mean += heat.network.temperature[node] * heat.shares[node - range.lowerBound]
    }
    let wanted = max(0, amount) * GasPath.ventHeat * (mean - ThermalNetwork.reference)
    let taken = min(max(0, carried), wanted)
    // Before mass is ejected the gas takes its heat from the cell.
    let rest = wanted - taken
    for node in range { enthalpy[node] -= rest * heat.shares[node - range.lowerBound] }
    enthalpy[heat.wallNodes[k]] += carried - taken
    gasPath?.inflow[k] += max(0, amount)
    gasPath?.inflowEnergy[k] += wanted
  }

  /// Pressure in the housing above the surroundings, in Pa: that of the compartment where it is
  /// highest; 0 without a housing.
  public var housingPressure: Double {
    guard let gas = gasPath else { return 0 }
    return (0..<gas.count).map { gas.pressure($0) }.max().map { $0 - GasPath.around } ?? 0
  }

  /// Temperature of the gas in each compartment, in kelvin; empty without a housing.
  public var gasTemperatures: [Double] {
    gasPath.map { gas in (0..<gas.count).map { gas.temperature($0) } } ?? []
  }

  /// Part of the lower flammability limit that the mixture of a compartment reaches where enough
  /// oxygen is left (5 %, the limit of hydrogen and carbon monoxide in nitrogen: Zabetakis 1965); the
  /// highest of all compartments.
  var housingFlammability: Double {
    guard let gas = gasPath else { return 0 }
    let amounts = pack.cell.gas.amounts
    let sum = max(amounts.reduce(0, +), 1e-300)
    let pure = RoomHazard.flammability(amounts.map { $0 / sum })
    var highest = 0.0
    for k in 0..<gas.count {
      let x = gas.ventFraction(k)
      if 0.2095 * (1 - x) >= 0.05 { highest = max(highest, x * pure) }
    }
    return highest
  }
}
