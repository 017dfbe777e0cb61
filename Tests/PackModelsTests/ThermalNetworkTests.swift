// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat in a pack: conservation, analytic decay, melting, ejected mass.

import Foundation
import NumericalMethods
import PackModels
import Quantities
import Testing

@Suite struct ThermalNetworkTests {
  private func advance(
    _ network: inout ThermalNetwork, _ state: inout [Double], duration: Double, steps: Int
  ) {
    var stepper = StabilizedDiffusionStepper(unknownCount: network.unknownCount)
    state.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in 0..<steps {
        let step = duration / Double(steps)
        #expect(stepper.advance(&network, time: Double(i) * step, step: step, state: base))
      }
    }
  }

  @Test func `what the nodes lose is in the ledgers, with radiation and melting`() {
    var network = ThermalNetwork(ambient: 290, coolant: 300)
    let nodes = (0..<6).map { i in
      network.addNode(
        capacity: 50 + 10 * Double(i),
        melting: i == 3 ? Melting(latentHeat: 9_000, begins: 320, ends: 323) : nil)
    }
    for i in 1..<6 where i != 3 && i != 4 {
      network.connect(nodes[i - 1], nodes[i], conductance: 0.4)
    }
    network.connectMelting(nodes[3], nodes[2], solid: 2, liquid: 0.3)
    network.connectMelting(nodes[3], nodes[4], solid: 2, liquid: 0.3)
    network.radiate(nodes[0], nodes[5], factor: 0.01)
    network.expose(nodes[0], to: .ambient, conductance: 0.1, radiation: 0.02)
    network.expose(nodes[5], to: .coolant, conductance: 0.5)
    network.source[0] = 60
    var state = network.uniformState(temperature: 298)
    let before = state.reduce(0, +)
    advance(&network, &state, duration: 600, steps: 200)
    #expect(abs(state.reduce(0, +) - before - 60 * 600) < 1e-9 * 60 * 600)
    let melted = network.meltedFraction(nodes[3], enthalpy: state[nodes[3]])
    #expect((melted ?? 0) > 0.05)
  }

  @Test func `a node cools exponentially`() {
    var network = ThermalNetwork(ambient: 300, coolant: 300)
    let node = network.addNode(capacity: 100)
    network.expose(node, to: .ambient, conductance: 0.5)
    var state = network.uniformState(temperature: 400)
    advance(&network, &state, duration: 200, steps: 50)
    network.withTemperatures(of: state) { temperatures in
      #expect(abs(temperatures[0] - (300 + 100 * exp(-1))) < 5e-3)
    }
  }

  @Test func `melting keeps the temperature inside its range until all is molten`() {
    let material = Melting(latentHeat: 5_000, begins: 315, ends: 318)
    for enthalpy in stride(from: 0.0, through: 20_000, by: 250) {
      let t = material.temperature(enthalpy: enthalpy, capacity: 100)
      #expect(abs(material.enthalpy(at: t, capacity: 100) - enthalpy) < 1e-6)
      let f = material.fraction(enthalpy: enthalpy, capacity: 100)
      #expect((f > 0 && f < 1) == (t > 315 && t < 318))
    }
  }

  @Test func `ejected mass leaves with its heat and the rest keeps its temperature`() {
    var network = ThermalNetwork(ambient: 300, coolant: 300)
    let node = network.addNode(capacity: 100)
    var state = network.uniformState(temperature: 900)
    let before = state[0]
    let left = state.withUnsafeMutableBufferPointer { buffer -> Double in
      guard let base = buffer.baseAddress else { return 0 }
      return network.eject(node, share: 0.3, state: base)
    }
    #expect(abs(left - 0.3 * before) < 1e-9)
    #expect(abs(network.capacity[0] - 70) < 1e-12)
    network.withTemperatures(of: state) { #expect(abs($0[0] - 900) < 1e-9) }
  }

  @Test func `a failed coolant takes no heat`() {
    var network = ThermalNetwork(ambient: 300, coolant: 280)
    let node = network.addNode(capacity: 100)
    network.expose(node, to: .coolant, conductance: 5)
    network.sinkStrength[ThermalNetwork.Sink.coolant.rawValue] = 0
    var state = network.uniformState(temperature: 350)
    let before = state
    advance(&network, &state, duration: 100, steps: 10)
    #expect(state == before)
  }
}
