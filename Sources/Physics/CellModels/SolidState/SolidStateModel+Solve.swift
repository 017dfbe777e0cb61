// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A lithium metal cell with a solid electrolyte: Newton matrix and its solution.

extension SolidStateModel {
  /// Evaluates the right side and prepares the matrix; false where it is not defined.
  ///
  /// Particles are eliminated; 2×2 blocks in both potentials remain. Derivatives by temperature, and
  /// those of the potentials by interphase and voids, are left out: both move slowly.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    self.leading = leading
    guard evaluate(time: time, state: state, into: rates) else { return false }
    let flux =
      3 * cathodeContact / (faraday * cathode.radius * cathode.maximumConcentration)
    surfaceSum = 0
    for k in 0..<modeCount {
      surfaceSum += modes.surface[k] * modes.surface[k] / (leading + modes.decay[k] * rate)
    }
    surfaceSum *= flux
    let ionic = conductivity * ionicFactor / width
    let electronic = electronConductance
    // Eliminated upper block of the volume to the left.
    var (w0, w1, w2, w3) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<nodes {
      let gain = 1 / (1 + slot(.byStoichiometry)[i] * surfaceSum)
      slot(.byPotential)[i] *= gain
      slot(.condensed)[i] = slot(.byStoichiometry)[i] * gain
      let reaction = reactionArea * slot(.byPotential)[i]
      let left = i > 0 ? 1.0 : 0
      let right = i < nodes - 1 ? 1.0 : 0
      var a = (left + right) * ionic + reaction + (i == 0 ? separatorSlope : 0)
      var b = -reaction
      var c = -reaction
      var d = (left + right) * electronic + reaction
      // Couplings to the left are -ionic and -electronic on the diagonal.
      a += left * ionic * w0
      b += left * ionic * w1
      c += left * electronic * w2
      d += left * electronic * w3
      let determinant = a * d - b * c
      guard determinant != 0, determinant.isFinite else { return false }
      slot(.inverse0)[i] = d / determinant
      slot(.inverse1)[i] = -b / determinant
      slot(.inverse2)[i] = -c / determinant
      slot(.inverse3)[i] = a / determinant
      w0 = -right * ionic * d / determinant
      w1 = right * electronic * b / determinant
      w2 = right * ionic * c / determinant
      w3 = -right * electronic * a / determinant
      slot(.upper0)[i] = w0
      slot(.upper1)[i] = w1
      slot(.upper2)[i] = w2
      slot(.upper3)[i] = w3
    }
    if case .current = control { return true }
    respond()
    return true
  }

  /// Response of both potentials to one ampere leaving the last volume.
  private func respond() {
    let last = nodes - 1
    slot(.response0)[last] = slot(.inverse1)[last] / area
    slot(.response1)[last] = slot(.inverse3)[last] / area
    for i in stride(from: last - 1, through: 0, by: -1) {
      let x = slot(.response0)[i + 1]
      let y = slot(.response1)[i + 1]
      slot(.response0)[i] = -(slot(.upper0)[i] * x + slot(.upper1)[i] * y)
      slot(.response1)[i] = -(slot(.upper2)[i] * x + slot(.upper3)[i] * y)
    }
  }

  /// Solves with the last matrix, in place.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    let flux =
      3 * cathodeContact / (faraday * cathode.radius * cathode.maximumConcentration)
    let sum = slot(.right)
    for i in 0..<nodes { sum[i] = 0 }
    for k in 0..<modeCount {
      let inverse = 1 / (leading + modes.decay[k] * rate)
      let r = right + modesOffset + k * nodes
      for i in 0..<nodes {
        r[i] *= inverse
        sum[i] += modes.surface[k] * r[i]
      }
    }
    for i in 0..<nodes {
      let change = slot(.condensed)[i] * sum[i]
      sum[i] = change
      right[i] += reactionArea * change
      right[solidOffset + i] -= reactionArea * change
    }
    var current = 0.0
    if controlByPotential == 0 {
      current = right[currentIndex] / controlByCurrent
      right[solidOffset + nodes - 1] -= current / area
    }
    substitute(right)
    if controlByPotential != 0 {
      let last = nodes - 1
      current =
        (right[currentIndex] - controlByPotential * right[solidOffset + last])
        / (controlByCurrent - controlByPotential * slot(.response1)[last])
      for i in 0..<nodes {
        right[i] -= slot(.response0)[i] * current
        right[solidOffset + i] -= slot(.response1)[i] * current
      }
    }
    right[currentIndex] = current
    for i in 0..<nodes {
      sum[i] += slot(.byPotential)[i] * (right[solidOffset + i] - right[i])
    }
    for k in 0..<modeCount {
      let factor = flux * modes.surface[k] / (leading + modes.decay[k] * rate)
      let r = right + modesOffset + k * nodes
      for i in 0..<nodes { r[i] -= factor * sum[i] }
    }
    right[temperatureIndex] /= leading + (thermal == .lumped ? cooling / heatCapacity : 0)
    right[voidIndex] /= leading - voidSlope
    right[filmIndex] /= leading - filmSlope
    // The metal pays for the current and for what the interphase binds.
    let bound = filmSlope * right[filmIndex] * filmLithium / lithiumHost
    right[lithiumIndex] =
      (right[lithiumIndex] - current / (faraday * lithiumHost) - bound) / leading
  }

  /// Forward and backward substitution in the 2×2 blocks.
  private func substitute(_ right: UnsafeMutablePointer<Double>) {
    let ionic = conductivity * ionicFactor / width
    var x = 0.0
    var y = 0.0
    for i in 0..<nodes {
      let r = right[i] + ionic * x
      let s = right[solidOffset + i] + electronConductance * y
      x = slot(.inverse0)[i] * r + slot(.inverse1)[i] * s
      y = slot(.inverse2)[i] * r + slot(.inverse3)[i] * s
      right[i] = x
      right[solidOffset + i] = y
    }
    for i in stride(from: nodes - 2, through: 0, by: -1) {
      let a = right[i + 1]
      let b = right[solidOffset + i + 1]
      right[i] -= slot(.upper0)[i] * a + slot(.upper1)[i] * b
      right[solidOffset + i] -= slot(.upper2)[i] * a + slot(.upper3)[i] * b
    }
  }
}
