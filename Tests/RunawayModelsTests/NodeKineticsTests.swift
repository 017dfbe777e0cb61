// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The node integrator against exact decay, its own fine steps and the balance of heat.

import Foundation
import RunawayModels
import Testing

@Suite("Kinetics of a node")
struct NodeKineticsTests {
  /// Advances a fresh node of a whole 18650 and gives extents and heat.
  func run(
    _ network: ReactionNetwork, temperature: Double, capacity: Double, power: Double,
    duration: Double, pieces: Int = 1, accuracy: Double = 1
  ) -> (extents: [Double], heat: Double, evaluations: Int) {
    let kernel = network.kernel(amount: AbuseCell.ncm18650.amount)
    var node = NodeKinetics(
      kernel, temperatureTolerance: 0.5 * accuracy, extentTolerance: 5e-3 * accuracy)
    var extents = [Double](repeating: 0, count: kernel.reactionCount)
    var step = 1e-3
    var heat = 0.0
    for piece in 0..<pieces {
      let time = duration / Double(pieces)
      heat += node.advance(
        node: 0, cell: 0, extents: &extents, initial: kernel.freshContents,
        contentCount: kernel.contentCount,
        temperature: temperature + (heat + power * time * Double(piece)) / capacity,
        capacity: capacity, power: power, duration: time, share: 1, step: &step)
    }
    return (extents, heat, node.evaluations)
  }

  @Test("At one temperature a first-order reaction decays as its exponential")
  func decay() {
    let found = run(
      .lco, temperature: 400, capacity: .infinity, power: 0, duration: 600, accuracy: 1e-3)
    let rate = 1.667e15 * exp(-1.350_8e5 / (8.314_462_618 * 400))
    #expect(abs(found.extents[0] - 0.15 * (1 - exp(-rate * 600))) < 2e-5)
  }

  @Test("Heat is the product of extents and heats, through ignition")
  func heat() {
    let kernel = ReactionNetwork.ncm.kernel(amount: AbuseCell.ncm18650.amount)
    let found = run(.ncm, temperature: 470, capacity: 35, power: 5, duration: 3_000)
    let sum = zip(found.extents, kernel.heats).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(found.heat > 15_000)
    #expect(abs(found.heat / sum - 1) < 1e-12)
  }

  @Test("Sixteen times the accuracy changes ignition little, at four times the work or less")
  func accuracy() {
    let usual = run(.ncm, temperature: 450, capacity: 35, power: 2, duration: 300)
    let fine = run(
      .ncm, temperature: 450, capacity: 35, power: 2, duration: 300, accuracy: 1.0 / 16)
    for (a, b) in zip(usual.extents, fine.extents) { #expect(abs(a - b) < 0.02) }
    #expect(Double(fine.evaluations) < 5 * Double(usual.evaluations))
  }

  @Test("What is used up stays at its end, however long the step")
  func exhausted() {
    let found = run(.lfp, temperature: 900, capacity: .infinity, power: 0, duration: 1e6)
    #expect(abs(found.extents[0] - 0.15) < 1e-3)
    #expect(abs(found.extents[3] - 1) < 6e-3)
    #expect(found.evaluations < 600)
  }
}
