// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Eight single-particle cells side by side: voltage, right side and Newton matrix.

import Foundation
import NumericalMethods
import Quantities

extension SingleParticleLanes {
  mutating func linearize(
    state: UnsafePointer<Lanes>, leading: Lanes, into rates: UnsafeMutablePointer<Lanes>
  ) -> LaneMask {
    self.leading = leading
    var defined = evaluateVoltage(state)
    let current = state[currentIndex]
    linearizedCurrent = current
    fillModes(state, rates, at: 0, negativeRate, negativeFlux * negativeShare * current)
    fillModes(
      state, rates, at: modeCount, positiveRate, positiveFlux * positiveShare * current)
    let temperature = state[temperatureIndex]
    rates[temperatureIndex] =
      isLumped ? (heat - cooling * (temperature - ambient)) / heatCapacity : .zero
    var control = target - current
    control.replace(with: voltage - target, where: isVoltage)
    control.replace(with: target - voltage * current, where: isPower)
    rates[currentIndex] = control
    if nodes > 0 { defined = Self.both(defined, fillSalt(state, rates)) }
    return defined
  }

  @inline(__always)
  private static func both(_ a: LaneMask, _ b: LaneMask) -> LaneMask { a .& b }

  @inline(__always)
  private static func isAbove(_ a: Lanes, _ limit: Double) -> LaneMask { a .> limit }

  @inline(__always)
  private func surface(_ state: UnsafePointer<Lanes>, at offset: Int) -> Lanes {
    var x = state[offset]
    for k in 1..<modeCount { x += modes.surface[k] * state[offset + k] }
    return x
  }

  @inline(__always)
  private func fillModes(
    _ state: UnsafePointer<Lanes>, _ rates: UnsafeMutablePointer<Lanes>, at offset: Int,
    _ rate: Lanes, _ flux: Lanes
  ) {
    for k in 0..<modeCount {
      rates[offset + k] =
        -modes.decay[k] * rate * state[offset + k] - modes.surface[k] * flux
    }
  }

  /// Averages of the salt in all lanes; the product of many concentrations replaces their logarithms.
  @inline(__always)
  private func average(
    _ salt: UnsafePointer<Lanes>, _ range: Range<Int>
  ) -> (root: Lanes, product: Lanes, least: Lanes) {
    var root = Lanes.zero
    var product = Lanes(repeating: 1)
    var least = Lanes(repeating: .infinity)
    for i in range {
      root += salt[i].squareRoot()
      product *= salt[i]
      least = pointwiseMin(least, salt[i])
    }
    return (root / Double(range.count), product, least)
  }

  /// Voltages, slopes, anode potentials and heat in all lanes.
  ///
  /// - Returns: The lanes in which they are defined.
  mutating func evaluateVoltage(_ state: UnsafePointer<Lanes>) -> LaneMask {
    let xn = surface(state, at: 0)
    let xp = surface(state, at: modeCount)
    var defined = LaneMask(repeating: true)
    var (rootNegative, rootPositive) = (Lanes(repeating: 1), Lanes(repeating: 1))
    var (productNegative, productPositive) = (Lanes(repeating: 1), Lanes(repeating: 1))
    if nodes > 0 {
      let salt = state + saltOffset
      let n = average(salt, 0..<negativeNodes)
      let p = average(salt, negativeNodes + separatorNodes..<nodes)
      (rootNegative, rootPositive) = (n.root, p.root)
      (productNegative, productPositive) = (n.product, p.product)
      // Some thirty factors above 1e-9 stay above the smallest number.
      defined = Self.isAbove(pointwiseMin(n.least, p.least), 1e-9)
    }
    for lane in 0..<LaneIntegrator.width {
      let temperature = state[temperatureIndex][lane]
      guard defined[lane], temperature > 100, temperature < 2_000 else {
        defined[lane] = false
        continue
      }
      var logarithm = 0.0
      if nodes > 0 {
        let positiveCount = Double(nodes - negativeNodes - separatorNodes)
        logarithm =
          log(productPositive[lane]) / positiveCount
          - log(productNegative[lane]) / Double(negativeNodes)
      }
      defined[lane] = evaluate(
        lane, temperature, current: state[currentIndex][lane], xn: xn[lane], xp: xp[lane],
        rootNegative: rootNegative[lane], rootPositive: rootPositive[lane], logarithm: logarithm)
    }
    return defined
  }

  mutating func evaluateVoltage(lane: Int, state: UnsafePointer<Lanes>) -> Bool {
    let width = LaneIntegrator.width
    let values = UnsafeRawPointer(state).assumingMemoryBound(to: Double.self) + lane
    func surface(_ offset: Int) -> Double {
      var x = values[offset * width]
      for k in 1..<modeCount { x += modes.surface[k] * values[(offset + k) * width] }
      return x
    }
    var (rootNegative, rootPositive, logarithm) = (1.0, 1.0, 0.0)
    if nodes > 0 {
      var (root, product) = (0.0, 1.0)
      for i in 0..<nodes {
        let salt = values[(saltOffset + i) * width]
        guard salt > 1e-9 else { return false }
        if i == negativeNodes {
          rootNegative = root / Double(negativeNodes)
          logarithm -= log(product) / Double(negativeNodes)
        }
        if i == negativeNodes + separatorNodes { (root, product) = (0, 1) }
        root += salt.squareRoot()
        product *= salt
      }
      let count = Double(nodes - negativeNodes - separatorNodes)
      rootPositive = root / count
      logarithm += log(product) / count
    }
    let temperature = values[temperatureIndex * width]
    guard temperature > 100, temperature < 2_000 else { return false }
    return evaluate(
      lane, temperature, current: values[currentIndex * width], xn: surface(0),
      xp: surface(modeCount), rootNegative: rootNegative, rootPositive: rootPositive,
      logarithm: logarithm)
  }

  /// The nonlinear part of one cell's voltage.
  @inline(__always)
  private mutating func evaluate(
    _ lane: Int, _ temperature: Double, current: Double, xn: Double, xp: Double,
    rootNegative: Double, rootPositive: Double, logarithm: Double
  ) -> Bool {
    if temperature != cells[lane].temperature { prepare(lane, temperature) }
    let cell = cells + lane
    let half = cell.pointee.half
    let un = ElectrodeKernel.openCircuit(cell.pointee.negative.potential, xn)
    let up = ElectrodeKernel.openCircuit(cell.pointee.positive.potential, xp)
    let (jn, jp) = (cell.pointee.negativeShare, cell.pointee.positiveShare)
    let en = LaneCell.overpotential(
      jn * current, cell.pointee.negativeExchange * rootNegative, xn, half: half)
    let ep = LaneCell.overpotential(
      jp * current, cell.pointee.positiveExchange * rootPositive, xp, half: half)
    let ohmic = cell.pointee.ohmic
    let open = up.value - un.value
    let value =
      open + ep.value - en.value + cell.pointee.junction * logarithm - current * ohmic
    voltage[lane] = value
    anodePotential[lane] = un.value + en.value
    slopeNegative[lane] = -un.slope - en.byStoichiometry
    slopePositive[lane] = up.slope + ep.byStoichiometry
    slopeCurrent[lane] = ep.byCurrent * jp - en.byCurrent * jn - ohmic
    if isLumped {
      let entropyNegative = cell.pointee.negative.entropy?.evaluate(xn).value ?? 0
      let entropyPositive = cell.pointee.positive.entropy?.evaluate(xp).value ?? 0
      heat[lane] =
        current * (open - value) + current * temperature * (entropyNegative - entropyPositive)
    }
    return value.isFinite
  }

  /// Updates the factors of a lane's temperature.
  private mutating func prepare(_ lane: Int, _ temperature: Double) {
    let cell = cells + lane
    cell.pointee.temperature = temperature
    let inverse =
      (1 / cell.pointee.reference - 1 / temperature) / PhysicalConstants.gas
    func arrhenius(_ energy: Double) -> Double { energy == 0 ? 1 : exp(energy * inverse) }
    let (n, p) = (cell.pointee.negative, cell.pointee.positive)
    cell.pointee.negativeExchange = n.exchange * arrhenius(n.exchangeActivation)
    cell.pointee.positiveExchange = p.exchange * arrhenius(p.exchangeActivation)
    negativeRate[lane] = n.diffusionRate * arrhenius(n.diffusionActivation)
    positiveRate[lane] = p.diffusionRate * arrhenius(p.diffusionActivation)
    saltDiffusion[lane] = arrhenius(cell.pointee.saltDiffusionActivation)
    cell.pointee.ohmic =
      cell.pointee.ionicResistance / arrhenius(cell.pointee.saltConductionActivation)
      + cell.pointee.otherResistance
    let thermal = PhysicalConstants.gas * temperature / PhysicalConstants.faraday
    cell.pointee.half = 0.5 / thermal
    cell.pointee.junction = cell.pointee.junctionFactor * thermal
  }

  /// Looks diffusivities up in the tables of the cells, lane by lane: registers hold one table.
  private func readDiffusivities(_ salt: UnsafePointer<Lanes>) {
    let width = LaneIntegrator.width
    let c = UnsafeRawPointer(salt).assumingMemoryBound(to: Double.self)
    let values = UnsafeMutableRawPointer(slot(.diffusivity)).assumingMemoryBound(to: Double.self)
    let slopes = UnsafeMutableRawPointer(slot(.slope)).assumingMemoryBound(to: Double.self)
    for lane in 0..<width {
      let table = cells[lane].saltDiffusivity
      var place = lane
      for _ in 0..<nodes {
        let point = table.evaluate(c[place])
        values[place] = point.value
        slopes[place] = point.slope
        place += width
      }
    }
  }

  /// Salt transport and its tridiagonal matrix.
  private func fillSalt(
    _ state: UnsafePointer<Lanes>, _ rates: UnsafeMutablePointer<Lanes>
  ) -> LaneMask {
    let salt = state + saltOffset
    let f = rates + saltOffset
    let (width, factor, source) = (slot(.width), slot(.factor), slot(.source))
    let (diagonal, upper, lower) = (slot(.diagonal), slot(.upper), slot(.lower))
    let (diffusivity, slopes) = (slot(.diffusivity), slot(.slope))
    readDiffusivities(salt)
    let current = state[currentIndex]
    var defined = LaneMask(repeating: true)
    var (before, slopeBefore) = (Lanes.zero, Lanes.zero)
    for i in 0..<nodes {
      let c = salt[i]
      defined = Self.both(defined, Self.both(c .> 0, c .< 100))
      f[i] = source[i] * current
      diagonal[i] = leading * slot(.storage)[i]
      let value = diffusivity[i]
      var slope = slopes[i]
      let floor = pointwiseMax(value, Lanes(repeating: 1e-14))
      slope = (slope / floor).replacing(with: 0, where: value .<= 1e-14)
      // Width over effective diffusivity: half of it is this volume's share of a face's resistance.
      let resistance = width[i] / (floor * factor[i] * saltDiffusion)
      if i > 0 {
        let g = 2 / (before + resistance)
        let flux = g * rest * (salt[i - 1] - c)
        f[i - 1] -= flux
        f[i] += flux
        let shared = 0.5 * flux * g
        let byLeft = g * rest + shared * before * slopeBefore
        let byRight = shared * resistance * slope - g * rest
        diagonal[i - 1] += byLeft
        upper[i - 1] = byRight
        lower[i] = -byLeft
        diagonal[i] -= byRight
      }
      (before, slopeBefore) = (resistance, slope)
    }
    return defined
  }
}
