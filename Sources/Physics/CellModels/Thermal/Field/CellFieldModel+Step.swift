// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell whose temperature is a field: right side and Newton matrix.

import NumericalMethods

extension CellFieldModel where Zone: ~Copyable {
  /// Evaluates the right side; false where it is not defined.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    for k in 0..<zoneCount {
      zones[k].control = .voltage(state[zoneVoltageOffset + k])
      guard
        zones[k].evaluate(
          time: time, state: state + k * zoneUnknowns, into: rates + k * zoneUnknowns)
      else { return false }
    }
    finish(state, rates)
    return true
  }

  /// Evaluates the right side and prepares the matrix; false where it is not defined.
  ///
  /// As in the zones' own models, derivatives by temperature are left out except in the field.
  public mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    self.leading = leading
    for k in 0..<zoneCount {
      zones[k].control = .voltage(state[zoneVoltageOffset + k])
      guard
        zones[k].linearize(
          time: time, state: state + k * zoneUnknowns, leading: leading,
          into: rates + k * zoneUnknowns)
      else { return false }
      let response = response(k)
      for i in 0..<zoneUnknowns { response[i] = 0 }
      response[zones[k].currentUnknown] = 1
      zones[k].solve(response)
    }
    finish(state, rates)
    linearizedControl = control
    linearizedCurrent = state[currentIndex]
    linearizedVoltage = state[voltageIndex]
    guard field.factor(matrix, leading: leading) else { return false }
    // Voltages of zones by their own currents' response: 1 + R·S.
    for k in 0..<zoneCount {
      for j in 0..<zoneCount {
        small.matrix[k * zoneCount + j] =
          collectors.resistance[k * zoneCount + j] * gain(j) + (k == j ? 1 : 0)
      }
    }
    return small.factor()
  }

  /// Fall of a zone's current by its voltage, in siemens.
  private func gain(_ zone: Int) -> Double { response(zone)[zones[zone].currentUnknown] }

  /// Rows of the field, the collectors and the control.
  private mutating func finish(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>
  ) {
    var total = 0.0
    for k in 0..<zoneCount {
      currents[k] = state[k * zoneUnknowns + zones[k].currentUnknown]
      zoneHeat[k] = zones[k].generatedHeat
      total += currents[k]
      rates[k * zoneUnknowns + zones[k].temperatureUnknown] =
        -state[k * zoneUnknowns + zones[k].temperatureUnknown]
    }
    collectors.addHeat(currents, to: &zoneHeat)
    let current = state[currentIndex]
    let contact = current * current * parameters.contactResistance
    heatRate = contact
    for k in 0..<zoneCount {
      zoneHeat[k] += contact * shares[k]
      heatRate += zoneHeat[k] - contact * shares[k]
    }
    let volume = field.volumes.reduce(0, +)
    for i in 0..<field.count {
      let k = zoneOf[i]
      let part = field.volumes[i] / (volume * shares[k])
      rates[nodeOffset + i] = zoneHeat[k] * part
      rates[k * zoneUnknowns + zones[k].temperatureUnknown] += part * state[nodeOffset + i]
    }
    let lost = field.addFlows(
      state + nodeOffset, surroundings: surroundings, to: rates + nodeOffset)
    for k in 0..<zoneCount {
      var rise = 0.0
      if !collectors.isIdeal {
        for j in 0..<zoneCount { rise += collectors.resistance[k * zoneCount + j] * currents[j] }
      }
      rates[zoneVoltageOffset + k] = state[voltageIndex] + rise - state[zoneVoltageOffset + k]
    }
    rates[voltageIndex] = total - current
    let terminal = state[voltageIndex] - current * parameters.contactResistance
    switch control {
    case .current(let target): rates[currentIndex] = target - current
    case .voltage(let target): rates[currentIndex] = terminal - target
    case .power(let target): rates[currentIndex] = target - terminal * current
    }
    rates[generatedIndex] = heatRate / capacity
    rates[lostIndex] = lost / capacity
  }

  /// Solves with the last matrix, in place.
  public mutating func solve(_ right: UnsafeMutablePointer<Double>) {
    solveField(right)
    let alpha = scratch
    let beta = alpha + zoneCount
    for k in 0..<zoneCount {
      let own = right + k * zoneUnknowns
      let temperature = own[zones[k].temperatureUnknown]
      zones[k].solve(own)
      own[zones[k].temperatureUnknown] = temperature
      alpha[k] = right[zoneVoltageOffset + k]
      beta[k] = 1
    }
    for k in 0..<zoneCount {
      for j in 0..<zoneCount {
        let change = right[j * zoneUnknowns + zones[j].currentUnknown]
        alpha[k] += collectors.resistance[k * zoneCount + j] * change
      }
    }
    small.solve(alpha)
    small.solve(beta)
    // Current by terminal voltage: change = offset + slope·(change of voltage).
    var offset = right[voltageIndex]
    var slope = 0.0
    for k in 0..<zoneCount {
      offset += right[k * zoneUnknowns + zones[k].currentUnknown] - gain(k) * alpha[k]
      slope -= gain(k) * beta[k]
    }
    let loss = parameters.contactResistance
    let change: Double
    switch linearizedControl {
    case .current: change = (right[currentIndex] - offset) / slope
    case .voltage: change = (right[currentIndex] - loss * offset) / (loss * slope - 1)
    case .power:
      let byCurrent = linearizedVoltage - 2 * linearizedCurrent * loss
      change = (right[currentIndex] - byCurrent * offset) / (linearizedCurrent + byCurrent * slope)
    }
    right[voltageIndex] = change
    right[currentIndex] = offset + slope * change
    for k in 0..<zoneCount {
      let own = right + k * zoneUnknowns
      let response = response(k)
      let step = alpha[k] + beta[k] * change
      let temperature = own[zones[k].temperatureUnknown]
      for i in 0..<zoneUnknowns { own[i] -= response[i] * step }
      own[zones[k].temperatureUnknown] = temperature
      right[zoneVoltageOffset + k] = step
    }
  }

  /// Temperatures of volumes and zones, and the two counts of heat.
  private func solveField(_ right: UnsafeMutablePointer<Double>) {
    let nodes = right + nodeOffset
    matrix.solve(nodes)
    let volume = field.volumes.reduce(0, +)
    for i in 0..<field.count {
      let k = zoneOf[i]
      right[k * zoneUnknowns + zones[k].temperatureUnknown] +=
        field.volumes[i] / (volume * shares[k]) * nodes[i]
    }
    var lost = 0.0
    for boundary in field.boundaries { lost += boundary.conductance * nodes[boundary.node] }
    right[generatedIndex] /= leading
    right[lostIndex] = (right[lostIndex] + lost / capacity) / leading
  }
}
