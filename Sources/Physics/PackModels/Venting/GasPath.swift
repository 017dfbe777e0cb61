// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas in the compartments of a housing: pressure, temperature, composition, flow to the vent.

import Foundation
import Quantities
import RunawayModels

/// Gas in a row of compartments.
///
/// Air and vent gas are ideal and mix at once within a compartment. Amounts follow an implicit step
/// of the orifice flows (choked or subsonic) between compartments and to the outside; heat follows
/// the gas from the side of higher pressure. The work of compression is neglected: a burst of 20 kPa
/// in 50 L stores 1 kJ, a cell brings tens. Nothing burns in the housing.
struct GasPath: Sendable {
  let enclosure: PackEnclosure
  let count: Int
  /// Volume of a compartment, in m³.
  let volume: Double
  private let casing: CasingDesign
  private let ventMolarMass: Double
  /// Air in a compartment at the start, in mol.
  private let filling: Double
  /// Air and vent gas, in mol, and heat against ``ThermalNetwork/reference``, in joules.
  private(set) var air: [Double]
  private(set) var vent: [Double]
  private(set) var energy: [Double]
  /// Vent gas and its heat that come in during the next step, in mol and joules.
  var inflow: [Double]
  var inflowEnergy: [Double]
  /// Whether the panel has burst, and whether the housing has torn.
  private(set) var isBurst = false
  private(set) var hasTorn = false
  /// Vent gas outside, in mol, and heat that went with all gas, in joules.
  private(set) var ventOutside = 0.0
  private(set) var energyOutside = 0.0
  /// Highest pressure above the surroundings so far, in Pa.
  private(set) var peakPressure = 0.0
  private var flow: [Double]
  private var out: [Double]

  static let around = PhysicalConstants.standardAtmosphere
  /// Molar heat of air at constant pressure near 400 K, in J/(mol·K) (Incropera et al. 2007, A.4).
  static let airHeat = 29.4
  /// Molar heat of vent gas, in J/(mol·K): CO₂ 47, CO 31, H₂ 29, C₂H₄ 71 at 700 K (NIST) mixed in
  /// the parts of an NCM cell.
  static let ventHeat = 40.0
  /// Opening of a torn housing, in m².
  static let tearArea = 1e-2

  init(
    _ enclosure: PackEnclosure, casing: CasingDesign, ventMolarMass: Double, temperature: Double
  ) {
    self.enclosure = enclosure
    self.casing = casing
    self.ventMolarMass = ventMolarMass
    count = enclosure.compartments
    volume = enclosure.volume / Double(count)
    let amount = Self.around * volume / (PhysicalConstants.gas * temperature)
    filling = amount
    air = Array(repeating: amount, count: count)
    vent = Array(repeating: 0, count: count)
    energy = Array(
      repeating: amount * Self.airHeat * (temperature - ThermalNetwork.reference), count: count)
    inflow = vent
    inflowEnergy = vent
    flow = vent
    out = vent
  }

  func heatCapacity(_ k: Int) -> Double { air[k] * Self.airHeat + vent[k] * Self.ventHeat }

  func temperature(_ k: Int) -> Double {
    max(150, ThermalNetwork.reference + energy[k] / max(heatCapacity(k), 1e-12))
  }

  /// Absolute pressure, in Pa.
  func pressure(_ k: Int) -> Double { pressure(k, amount: air[k] + vent[k], temperature(k)) }

  private func pressure(_ k: Int, amount: Double, _ temperature: Double) -> Double {
    amount * PhysicalConstants.gas * temperature / volume
  }

  /// Mole fraction of vent gas.
  func ventFraction(_ k: Int) -> Double { vent[k] / max(air[k] + vent[k], 1e-12) }

  private func molarMass(_ k: Int) -> Double {
    let x = ventFraction(k)
    return x * ventMolarMass + (1 - x) * 0.028_96
  }

  /// Advances by a step, with the gas in ``inflow`` coming in evenly.
  ///
  /// - Parameters:
  ///   - step: In seconds.
  ///   - heat: Heat from surfaces, in joules, by compartment.
  ///   - ambient: Temperature of air drawn in, in kelvin.
  mutating func advance(_ step: Double, heat: [Double], ambient: Double) {
    guard step > 0 else { return }
    var rise = 0.0
    for k in 0..<count {
      // What the inflow would do to a closed compartment.
      let hot = inflowEnergy[k] / Self.ventHeat + inflow[k] * ThermalNetwork.reference
      rise = max(rise, hot * PhysicalConstants.gas / volume)
    }
    var parts = rise > 1 ? max(1, Int((step / 0.1).rounded(.up))) : 1
    if !isBurst { parts = max(parts, min(1_000, Int((rise / 2_000).rounded(.up)))) }
    let h = step / Double(parts)
    for _ in 0..<parts {
      for k in 0..<count {
        vent[k] += inflow[k] / Double(parts)
        energy[k] += (inflowEnergy[k] + heat[k]) / Double(parts)
      }
      move(h, ambient: ambient)
      let excess = (0..<count).map { pressure($0) - Self.around }.max() ?? 0
      peakPressure = max(peakPressure, excess)
      let atVent = pressure(enclosure.ventCompartment) - Self.around
      if atVent > enclosure.burstPressure { isBurst = true }
      if excess > enclosure.tearPressure { hasTorn = true }
    }
    for k in 0..<count {
      inflow[k] = 0
      inflowEnergy[k] = 0
    }
  }

  private func outletArea(_ k: Int) -> Double {
    var area = enclosure.breatherArea / Double(count)
    if isBurst, k == enclosure.ventCompartment { area += enclosure.ventArea }
    if hasTorn { area += Self.tearArea / Double(count) }
    return area
  }

  private func orifice(_ p: Double, _ q: Double, _ k: Int, _ l: Int?, area: Double) -> Double {
    guard area > 0, max(p, q) > 0 else { return 0 }
    let donor = p >= q ? k : l
    let t = donor.map { temperature($0) } ?? 298.15
    let m = donor.map { molarMass($0) } ?? 0.028_96
    return casing.outflow(pressure: p, ambient: q, temperature: t, molarMass: m, area: area)
  }

  /// Moves gas between compartments and outside, by one implicit step of the amounts.
  ///
  /// The balances are solved by Newton's method. An orifice's flow is steepest where pressures are
  /// equal, so tangents overshoot there and can change sides for ever: from the sixth iteration on
  /// every flow is linearised by the larger of tangent and chord, which approaches from one side and
  /// halves the error at least.
  private mutating func move(_ h: Double, ambient: Double) {
    let start = (0..<count).map { air[$0] + vent[$0] }
    let t = (0..<count).map { temperature($0) }
    var n = start
    var low = [Double](repeating: 0, count: count)
    var diagonal = low
    var high = low
    var residual = low
    for iteration in 0..<60 {
      let p = (0..<count).map { pressure($0, amount: n[$0], t[$0]) }
      for k in 0..<count {
        low[k] = 0
        high[k] = 0
        diagonal[k] = 1
        residual[k] = n[k] - start[k]
      }
      func slope(_ flow: Double, _ shifted: Double, _ shift: Double, over difference: Double)
        -> Double
      {
        let tangent = max(0, (shifted - flow) / shift)
        guard iteration > 5, difference != 0 else { return tangent }
        return max(tangent, flow / difference)
      }
      for k in 0..<count {
        let perMole = p[k] / max(n[k], 1e-12)
        let shift = 1e-5 * max(p[k], 1e3)
        let area = outletArea(k)
        out[k] = orifice(p[k], Self.around, k, nil, area: area)
        let more = orifice(p[k] + shift, Self.around, k, nil, area: area)
        residual[k] += h * out[k]
        diagonal[k] += h * slope(out[k], more, shift, over: p[k] - Self.around) * perMole
        guard k + 1 < count else { continue }
        let next = p[k + 1] / max(n[k + 1], 1e-12)
        let difference = p[k] - p[k + 1]
        flow[k] = orifice(p[k], p[k + 1], k, k + 1, area: enclosure.openingArea)
        let first = orifice(p[k] + shift, p[k + 1], k, k + 1, area: enclosure.openingArea)
        let second = orifice(p[k], p[k + 1] + shift, k, k + 1, area: enclosure.openingArea)
        let up = slope(flow[k], first, shift, over: difference) * perMole
        let down = slope(-flow[k], -second, shift, over: -difference) * next
        residual[k] += h * flow[k]
        residual[k + 1] -= h * flow[k]
        diagonal[k] += h * up
        high[k] -= h * down
        diagonal[k + 1] += h * down
        low[k + 1] -= h * up
      }
      // Thomas's elimination; the matrix is dominated by its diagonal.
      for k in 1..<max(1, count) {
        let factor = low[k] / diagonal[k - 1]
        diagonal[k] -= factor * high[k - 1]
        residual[k] -= factor * residual[k - 1]
      }
      var largest = 0.0
      for k in stride(from: count - 1, through: 0, by: -1) {
        let beyond = k + 1 < count ? high[k] * residual[k + 1] : 0
        residual[k] = (residual[k] - beyond) / diagonal[k]
        // An empty compartment may fill, a full one not empty itself at once.
        let change = max(-0.5 * n[k] - 0.05 * filling, min(0.5 * n[k], residual[k]))
        largest = max(largest, abs(change) / max(n[k], 1e-6 * filling))
        n[k] -= change
      }
      if largest < 1e-9 { break }
    }
    carry(h, ambient: ambient)
  }

  /// Carries species and heat along the flows, compartments of higher pressure first: what arrives
  /// mixes before anything leaves, so that amounts stay positive and nothing is lost.
  private mutating func carry(_ h: Double, ambient: Double) {
    let order = (0..<count).sorted { pressure($0) > pressure($1) }
    for k in order where out[k] < 0 {
      air[k] -= out[k] * h
      energy[k] -= out[k] * h * Self.airHeat * (ambient - ThermalNetwork.reference)
      energyOutside += out[k] * h * Self.airHeat * (ambient - ThermalNetwork.reference)
    }
    for k in order {
      let before = k > 0 ? max(0, -flow[k - 1]) : 0
      let after = k + 1 < count ? max(0, flow[k]) : 0
      let outside = max(0, out[k])
      let leaving = (before + after + outside) * h
      let total = air[k] + vent[k]
      guard leaving > 0, total > 0 else { continue }
      // Never more than what is there.
      let share = min(1, leaving / total) / leaving * h
      for (amount, target) in [(before, k - 1), (after, k + 1), (outside, -1)] where amount > 0 {
        let part = amount * share
        let (a, v, e) = (air[k] * part, vent[k] * part, energy[k] * part)
        if target >= 0 {
          air[target] += a
          vent[target] += v
          energy[target] += e
        } else {
          ventOutside += v
          energyOutside += e
        }
      }
      let kept = 1 - min(1, leaving / total)
      air[k] *= kept
      vent[k] *= kept
      energy[k] *= kept
    }
  }
}
