// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: block-tridiagonal Newton matrix and its solution.

import NumericalMethods

extension PorousElectrodeModel {
  /// Adds transport to the rates, forms the block-tridiagonal matrix and factors it in one sweep.
  ///
  /// Blocks are 3×3 in (salt, electrolyte potential, solid potential); couplings to neighbours
  /// have four entries each, so a node costs some hundred operations.
  func factorTransport(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    let rest = parameters.electrolyte.initialConcentration
    let salt = self.salt(state)
    let width = node(.width)
    let storage = node(.storage)
    let conductivity = node(.conductivity)
    let conductivitySlope = node(.conductivitySlope)
    let diffusivity = node(.diffusivity)
    let diffusivitySlope = node(.diffusivitySlope)
    let logarithm = node(.logarithm)
    let solid = node(.solidConductance)
    let bySalt = node(.reactionBySalt)
    let byPotential = node(.reactionByPotential)
    let count = nodes
    // What the face to the left adds: diagonal (salt; potential by salt, by itself; solid) and
    // the block left of the diagonal.
    var dCC = 0.0
    var dEC = 0.0
    var dEE = 0.0
    var dSS = negativeContact
    var lCC = 0.0
    var lEC = 0.0
    var lEE = 0.0
    var lSS = 0.0
    // Eliminated upper block of the node to the left, by rows.
    var w0 = SIMD3<Double>.zero
    var w1 = SIMD3<Double>.zero
    var w2 = SIMD3<Double>.zero
    for i in 0..<count {
      var a0 = SIMD3(dCC + leading * storage[i] * rest, 0, 0)
      var a1 = SIMD3(dEC, dEE, 0)
      var a2 = SIMD3(0, 0, dSS)
      let isSeparator = i >= mesh.negative && i < mesh.negative + mesh.separator
      var sideways = 0.0
      var uCC = 0.0
      var uEC = 0.0
      var uEE = 0.0
      var nextCC = 0.0
      var nextEC = 0.0
      var nextLCC = 0.0
      var nextLEC = 0.0
      if i + 1 < count {
        let left = width[i] / diffusivity[i]
        let right = width[i + 1] / diffusivity[i + 1]
        let g = 2 / (left + right)
        let difference = salt[i] - salt[i + 1]
        let flux = g * rest * difference
        let half = 0.5 * g
        let byLeft = g * rest + flux * half * left * diffusivitySlope[i]
        let byRight = -g * rest + flux * half * right * diffusivitySlope[i + 1]
        rates[i] -= flux
        rates[i + 1] += flux
        a0.x += byLeft
        uCC = byRight
        nextLCC = -byLeft
        nextCC = -byRight
        let leftK = width[i] / conductivity[i]
        let rightK = width[i + 1] / conductivity[i + 1]
        let k = 2 / (leftK + rightK)
        let fall = state[potentialOffset + i] - state[potentialOffset + i + 1]
        let current = k * (fall + junction * (logarithm[i + 1] - logarithm[i]))
        let halfK = 0.5 * k
        let drift = k * junction
        let kByLeft = current * halfK * leftK * conductivitySlope[i] - drift / salt[i]
        let kByRight = current * halfK * rightK * conductivitySlope[i + 1] + drift / salt[i + 1]
        rates[potentialOffset + i] -= current
        rates[potentialOffset + i + 1] += current
        a1.x += kByLeft
        a1.y += k
        uEC = kByRight
        uEE = -k
        nextLEC = -kByLeft
        nextEC = -kByRight
        dEE = k
      }
      if isSeparator {
        a2.z = 1
      } else {
        let e = i < mesh.negative ? i : i - mesh.separator
        sideways = solid[e]
        if sideways != 0 {
          let current = sideways * (state[solidOffset + e] - state[solidOffset + e + 1])
          rates[solidOffset + e] -= current
          rates[solidOffset + e + 1] += current
          a2.z += sideways
        }
        if hasWear, i == count - 1 { a2.z += terminals.leakByPotential / stackArea }
        let c = bySalt[i]
        let p = byPotential[i]
        let reaction = SIMD3(c, -p, p)
        a0 -= saltPerCharge * reaction
        a1 -= reaction
        a2 += reaction
      }
      // Subtract lower block times the eliminated upper block of the left neighbour.
      a0 -= lCC * w0
      a1 -= lEC * w0 + lEE * w1
      a2 -= lSS * w2
      store(.lower0, i, lCC, lEC, lEE, lSS)
      // Inverse by cofactors.
      let c0 = SIMD3(
        a1.y * a2.z - a1.z * a2.y, a0.z * a2.y - a0.y * a2.z, a0.y * a1.z - a0.z * a1.y)
      let c1 = SIMD3(
        a1.z * a2.x - a1.x * a2.z, a0.x * a2.z - a0.z * a2.x, a0.z * a1.x - a0.x * a1.z)
      let c2 = SIMD3(
        a1.x * a2.y - a1.y * a2.x, a0.y * a2.x - a0.x * a2.y, a0.x * a1.y - a0.y * a1.x)
      let determinant = a0.x * c0.x + a0.y * c1.x + a0.z * c2.x
      guard determinant != 0, determinant.isFinite else { return false }
      let inverse = 1 / determinant
      let i0 = c0 * inverse
      let i1 = c1 * inverse
      let i2 = c2 * inverse
      storeInverse(i, i0, i1, i2)
      let uSS = -sideways
      w0 = SIMD3(i0.x * uCC + i0.y * uEC, i0.y * uEE, i0.z * uSS)
      w1 = SIMD3(i1.x * uCC + i1.y * uEC, i1.y * uEE, i1.z * uSS)
      w2 = SIMD3(i2.x * uCC + i2.y * uEC, i2.y * uEE, i2.z * uSS)
      storeUpper(i, w0, w1, w2)
      dCC = nextCC
      dEC = nextEC
      lCC = nextLCC
      lEC = nextLEC
      lEE = uEE
      lSS = uSS
      dSS = sideways
    }
    if case .current = control { return true }
    respond()
    return true
  }

  @inline(__always)
  private func store(
    _ slot: NodeSlot, _ i: Int, _ a: Double, _ b: Double, _ c: Double, _ d: Double
  ) {
    let base = node(slot) + 4 * i
    base[0] = a
    base[1] = b
    base[2] = c
    base[3] = d
  }

  @inline(__always)
  private func storeInverse(
    _ i: Int, _ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>
  ) {
    let base = node(.inverse0) + 9 * i
    for n in 0..<3 {
      base[n] = a[n]
      base[3 + n] = b[n]
      base[6 + n] = c[n]
    }
  }

  @inline(__always)
  private func storeUpper(
    _ i: Int, _ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>
  ) {
    let base = node(.upper0) + 9 * i
    for n in 0..<3 {
      base[n] = a[n]
      base[3 + n] = b[n]
      base[6 + n] = c[n]
    }
  }

  /// Response of all unknowns to one ampere leaving the last volume.
  private func respond() {
    let response = node(.response0)
    let count = nodes
    let inverse = node(.inverse0) + 9 * (count - 1)
    let last = response + 3 * (count - 1)
    let share = (1 + terminals.leakByCurrent) / stackArea
    for n in 0..<3 { last[n] = inverse[3 * n + 2] * share }
    for i in stride(from: count - 2, through: 0, by: -1) {
      let w = node(.upper0) + 9 * i
      let next = response + 3 * (i + 1)
      for n in 0..<3 {
        let product = w[3 * n] * next[0] + w[3 * n + 1] * next[1]
        response[3 * i + n] = -(product + w[3 * n + 2] * next[2])
      }
    }
  }

  /// Solves with the last matrix, in place.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    reduceModes(right, negative)
    reduceModes(right, positive)
    if let second { reduceModes(right, second) }
    if hasFilm, let film { reduceFilm(right, film) }
    if hasFilm, let secondFilm { reduceFilm(right, secondFilm) }
    var currentChange = 0.0
    if controlByPotential == 0 {
      currentChange = right[currentIndex] / controlByCurrent
      right[solidOffset + electrodeNodes - 1] -=
        currentChange * (1 + terminals.leakByCurrent) / stackArea
    }
    substitute(right)
    if controlByPotential != 0 {
      let response = node(.response0)
      let last = right[solidOffset + electrodeNodes - 1]
      let lastResponse = response[3 * (nodes - 1) + 2]
      currentChange =
        (right[currentIndex] - controlByPotential * last)
        / (controlByCurrent - controlByPotential * lastResponse)
      for i in 0..<nodes {
        right[i] -= response[3 * i] * currentChange
        right[potentialOffset + i] -= response[3 * i + 1] * currentChange
      }
      for e in 0..<electrodeNodes {
        right[solidOffset + e] -= response[3 * nodeOf(e) + 2] * currentChange
      }
    }
    right[currentIndex] = currentChange
    right[temperatureIndex] /= heatDiagonal
    if hasFilm, let film { expandFilm(right, film) }
    if hasFilm, let secondFilm { expandFilm(right, secondFilm) }
    expandModes(right, negative)
    expandModes(right, positive)
    if let second { expandModes(right, second) }
    if hasWear, let wear { solveWear(right, wear) }
    guard hasFilm else { return }
    // From concentrations to amounts per volume of cell.
    let (storage, capacity) = (node(.storage), node(.capacity))
    for i in 0..<mesh.negative { right[i] *= storage[i] / capacity[i] }
  }

  /// Solves the modes' rows at given reactions and adds their effect to the reaction.
  private func reduceModes(_ right: UnsafeMutablePointer<Double>, _ particles: ParticlePopulation) {
    let first = particles.firstSurface
    let count = particles.count
    let own = right + particles.modesAt
    let sum = surface(.surfaceRight) + first
    for i in 0..<count { sum[i] = 0 }
    if hasWear {
      let share = surface(.share) + first
      for i in 0..<count { own[i] /= share[i] }
    }
    if particles.isNonlinear, let diffusion = particles.diffusion {
      diffusion.solve(own, particles: count, factors: memory.base + particles.factorsAt)
    }
    for k in 0..<modeCount {
      let inverse =
        !particles.isNonlinear ? 1 / (leading + modes.decay[k] * particles.rate) : 1
      let weight = modes.surface[k]
      let r = own + k * count
      for i in 0..<count {
        let value = r[i] * inverse
        r[i] = value
        sum[i] += weight * value
      }
    }
    let condensed = surface(.condensed) + first
    let isFilmed = hasFilm && particles.firstVolume == 0
    let hasHysteresis = particles.gap != nil
    let area = surface(.area) + first
    for e in 0..<count {
      let volume = particles.firstVolume + e
      let i = nodeOf(volume)
      var change = condensed[e] * sum[e]
      if hasHysteresis {
        let known = right[particles.hysteresisAt + e] * surface(.hysteresisInverse)[first + e]
        surface(.hysteresisKnown)[first + e] = known
        // The slot of the derivative by potential holds it with the gain already.
        change -= surface(.byPotential)[first + e] * surface(.gap)[first + e] * known
      }
      sum[e] = change
      let source = isFilmed ? 0 : area[e] * change
      right[i] += saltPerCharge * source
      right[potentialOffset + i] += source
      right[solidOffset + volume] -= source
    }
  }

  /// Finds the modes' changes from those of potentials and salt.
  private func expandModes(_ right: UnsafeMutablePointer<Double>, _ particles: ParticlePopulation) {
    let first = particles.firstSurface
    let count = particles.count
    let change = surface(.surfaceRight) + first
    let lossChange = surface(.lossChange) + first
    let bySalt = surface(.bySalt) + first
    let byPotential = surface(.byPotential) + first
    for e in 0..<count {
      let volume = particles.firstVolume + e
      let i = nodeOf(volume)
      let drop = right[solidOffset + volume] - right[potentialOffset + i] - lossChange[e]
      change[e] += bySalt[e] * right[i] + byPotential[e] * drop
    }
    if particles.gap != nil {
      for e in 0..<count {
        right[particles.hysteresisAt + e] =
          surface(.hysteresisKnown)[first + e]
          + surface(.hysteresisResponse)[first + e] * change[e]
      }
    }
    let own = right + particles.modesAt
    defer {
      // From stoichiometries of what is left to lithium per active material of the start.
      if hasWear {
        let share = surface(.share) + first
        for i in 0..<count { own[i] *= share[i] }
      }
    }
    if particles.isNonlinear {
      let profile = responses(particles)
      for k in 0..<modeCount {
        for i in 0..<count { own[k * count + i] -= profile[k * count + i] * change[i] }
      }
      return
    }
    for k in 0..<modeCount {
      let factor =
        particles.flux * modes.surface[k] / (leading + modes.decay[k] * particles.rate)
      let r = own + k * count
      for i in 0..<count { r[i] -= factor * change[i] }
    }
  }

  /// Changes of the modes by a unit of reaction current, `[mode × particle]`.
  func responses(_ particles: ParticlePopulation) -> UnsafeMutablePointer<Double> {
    memory.base + particles.factorsAt + particles.count * modeCount * modeCount
  }

  /// Memory for the evaluation of ``NonlinearDiffusion``.
  func scratch(_ particles: ParticlePopulation) -> UnsafeMutablePointer<Double> {
    responses(particles) + particles.count * modeCount
  }

  /// Forward and backward substitution.
  private func substitute(_ right: UnsafeMutablePointer<Double>) {
    let count = nodes
    let y = node(.right0)
    var x = SIMD3<Double>.zero
    for i in 0..<count {
      let lower = node(.lower0) + 4 * i
      let inverse = node(.inverse0) + 9 * i
      let isSeparator = i >= mesh.negative && i < mesh.negative + mesh.separator
      let e = i < mesh.negative ? i : i - mesh.separator
      let r0 = right[i] - lower[0] * x.x
      let r1 = right[potentialOffset + i] - (lower[1] * x.x + lower[2] * x.y)
      let r2 = (isSeparator ? 0 : right[solidOffset + e]) - lower[3] * x.z
      x.x = inverse[0] * r0 + inverse[1] * r1 + inverse[2] * r2
      x.y = inverse[3] * r0 + inverse[4] * r1 + inverse[5] * r2
      x.z = inverse[6] * r0 + inverse[7] * r1 + inverse[8] * r2
      y[3 * i] = x.x
      y[3 * i + 1] = x.y
      y[3 * i + 2] = x.z
    }
    for i in stride(from: count - 1, through: 0, by: -1) {
      if i < count - 1 {
        let w = node(.upper0) + 9 * i
        let n0 = y[3 * i] - (w[0] * x.x + w[1] * x.y + w[2] * x.z)
        let n1 = y[3 * i + 1] - (w[3] * x.x + w[4] * x.y + w[5] * x.z)
        let n2 = y[3 * i + 2] - (w[6] * x.x + w[7] * x.y + w[8] * x.z)
        x = SIMD3(n0, n1, n2)
      }
      right[i] = x.x
      right[potentialOffset + i] = x.y
      if i < mesh.negative {
        right[solidOffset + i] = x.z
      } else if i >= mesh.negative + mesh.separator {
        right[solidOffset + i - mesh.separator] = x.z
      }
    }
  }
}
