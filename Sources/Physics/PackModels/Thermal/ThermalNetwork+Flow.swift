// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Flows of heat in a network, and the bound that keeps explicit steps stable.

import NumericalMethods

extension ThermalNetwork {
  /// Bound of the largest eigenvalue by Gershgorin's circles, in 1/s.
  ///
  /// Kept for eight calls with a margin for warmer radiation; ejected mass raises it at once.
  public mutating func spectralRadius(_ state: UnsafePointer<Double>) -> Double {
    if radiusAge > 0 {
      radiusAge -= 1
      return radius
    }
    updateTemperatures(state)
    // A light node may become as hot as what radiates at it within the step.
    reached = temperature
    for link in radiating {
      let (a, b) = (Int(link.first), Int(link.second))
      reached[a] = max(reached[a], temperature[b])
      reached[b] = max(reached[b], temperature[a])
    }
    for boundary in boundaries where boundary.radiation > 0 {
      let a = Int(boundary.node)
      reached[a] = max(reached[a], sinkTemperature[boundary.sink.rawValue])
    }
    var largest = 0.0
    for i in 0..<nodeCount {
      let t = reached[i]
      let rate: Double = (total[i] + 4 * radiativeTotal[i] * t * t * t) * inverse[i]
      largest = max(largest, rate)
    }
    radius = 2 * Self.radiusMargin * largest
    radiusAge = 8
    return radius
  }

  /// Heat flows into every node and ledger, in watts.
  public mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) {
    updateTemperatures(state)
    let count = nodeCount
    source.withUnsafeBufferPointer { given in
      for i in 0..<count { rates[i] = given[i] }
    }
    for sink in 0..<sinkTemperature.count { rates[count + sink] = 0 }
    temperature.withUnsafeBufferPointer { t in
      links.withUnsafeBufferPointer { links in
        for link in links {
          let a = Int(link.first)
          let b = Int(link.second)
          let flow = link.conductance * (t[a] - t[b])
          rates[a] -= flow
          rates[b] += flow
        }
      }
      radiating.withUnsafeBufferPointer { links in
        for link in links {
          let a = t[Int(link.first)]
          let b = t[Int(link.second)]
          let flow: Double = link.conductance * (a * a + b * b) * (a + b) * (a - b)
          rates[Int(link.first)] -= flow
          rates[Int(link.second)] += flow
        }
      }
      for link in meltingLinks {
        let a = Int(link.first)
        let b = Int(link.second)
        let material = melting[Int(link.material)].material
        let melted = material.fraction(enthalpy: state[a], capacity: capacity[a])
        let flow = (link.solid + melted * (link.liquid - link.solid)) * (t[a] - t[b])
        rates[a] -= flow
        rates[b] += flow
      }
      boundaries.withUnsafeBufferPointer { boundaries in
        let (ambient, coolant) = (sinkTemperature[0], sinkTemperature[1])
        let (airStrength, coolantStrength) = (sinkStrength[0], sinkStrength[1])
        var (toAir, toCoolant) = (0.0, 0.0)
        for boundary in boundaries {
          let isAir = boundary.sink == .ambient
          let strength = isAir ? airStrength : coolantStrength
          let a = t[Int(boundary.node)]
          let b = isAir ? ambient : coolant
          let radiated: Double = boundary.radiation * (a * a + b * b) * (a + b)
          let flow = strength * (boundary.conductance + radiated) * (a - b)
          rates[Int(boundary.node)] -= flow
          if isAir { toAir += flow } else { toCoolant += flow }
        }
        rates[count] = toAir
        rates[count + 1] = toCoolant
      }
      guard !gasBoundaries.isEmpty else { return }
      for k in gasInertia.indices {
        gasTotal[k] = gasInertia[k]
        gasWeighted[k] = gasInertia[k] * sinkTemperature[2 + k]
      }
      for boundary in gasBoundaries {
        let k = boundary.sink.rawValue - 2
        gasTotal[k] += boundary.conductance
        gasWeighted[k] += boundary.conductance * t[Int(boundary.node)]
      }
      for boundary in gasBoundaries {
        let sink = boundary.sink.rawValue
        let gas = gasWeighted[sink - 2] / gasTotal[sink - 2]
        let flow = boundary.conductance * (t[Int(boundary.node)] - gas)
        rates[Int(boundary.node)] -= flow
        rates[count + sink] += flow
      }
    }
  }
}
