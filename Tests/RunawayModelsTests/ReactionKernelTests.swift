// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rates, derivatives and limits of compiled reaction networks.

import Foundation
import NumericalMethods
import RunawayModels
import Testing

@Suite("Reaction kernel")
struct ReactionKernelTests {
  static let networks: [ReactionNetwork] = [
    .lco, .ncm, .lfp, .ncm25Ah, .ncmTunnelling, .lco.addingPlatedLithium(),
  ]

  /// Rates and heat of a node.
  func evaluate(_ kernel: ReactionKernel, _ temperature: Double, _ contents: [Double])
    -> (rates: [Double], heat: Double)
  {
    var rates = [Double](repeating: 0, count: kernel.reactionCount)
    let heat = kernel.evaluate(temperature: temperature, contents: contents, rates: &rates)
    return (rates, heat)
  }

  @Test("Rates of the fresh LCO set follow the published laws")
  func publishedRates() {
    let kernel = ReactionNetwork.lco.kernel(amount: 2)
    let temperature = 430.0
    let (rates, heat) = evaluate(kernel, temperature, kernel.freshContents)
    func k(_ a: Double, _ e: Double) -> Double { a * exp(-e / (8.314_462_618 * temperature)) }
    let expected = [
      k(1.667e15, 1.350_8e5) * 0.15, k(2.5e13, 1.350_8e5) * 0.75 * exp(-1),
      k(6.667e13, 1.396e5) * 0.04 * 0.96, k(5.14e25, 2.74e5),
    ]
    let energies = [2.57e5 * 610.4, 1.714e6 * 610.4, 3.14e5 * 1221, 1.55e5 * 406.9]
    for (rate, value) in zip(rates, expected) { #expect(abs(rate / value - 1) < 1e-8) }
    let total = zip(expected, energies).map { 2 * $0 * $1 }.reduce(0, +)
    #expect(abs(heat / total - 1) < 1e-8)
  }

  @Test("Derivatives agree with differences", arguments: networks)
  func derivatives(network: ReactionNetwork) {
    let kernel = network.kernel(amount: 1)
    let count = kernel.reactionCount
    var random = Xoshiro256(seed: 4)
    // Away from the smooth ends of windows, where differences are inexact.
    let temperatures = [340.0, 375, 400, 430, 470, 510, 560, 700]
    for temperature in temperatures {
      let initial = kernel.initialContents(
        CellCondition(stateOfCharge: 0.9, interphaseGrowth: 1.2, platedLithium: 0.1))
      let extents = (0..<count).map { _ in Double.random(in: 0.01...0.02, using: &random) }
      let charge = 0.1
      func rates(_ t: Double, _ x: [Double], _ q: Double) -> [Double] {
        var contents = [Double](repeating: 0, count: kernel.contentCount)
        kernel.fillContents(initial: initial, extents: x, charge: q, into: &contents)
        return evaluate(kernel, t, contents).rates
      }
      var contents = [Double](repeating: 0, count: kernel.contentCount)
      kernel.fillContents(initial: initial, extents: extents, charge: charge, into: &contents)
      var r = [Double](repeating: 0, count: count)
      var slopes = r
      var chargeSlopes = r
      var jacobian = [Double](repeating: 0, count: count * count)
      _ = kernel.linearize(
        temperature: temperature, contents: contents, rates: &r, slopes: &slopes,
        jacobian: &jacobian, chargeSlopes: &chargeSlopes)
      func check(_ exact: [Double], _ up: [Double], _ down: [Double], _ step: Double) {
        for i in 0..<count {
          let difference = (up[i] - down[i]) / (2 * step)
          #expect(abs(exact[i] - difference) <= 2e-5 * max(abs(difference), abs(r[i])))
        }
      }
      check(
        slopes, rates(temperature + 1e-3, extents, charge),
        rates(temperature - 1e-3, extents, charge), 1e-3)
      check(
        chargeSlopes, rates(temperature, extents, charge + 1e-6),
        rates(temperature, extents, charge - 1e-6), 1e-6)
      for k in 0..<count {
        var up = extents
        var down = extents
        up[k] += 1e-7
        down[k] -= 1e-7
        check(
          (0..<count).map { jacobian[$0 * count + k] }, rates(temperature, up, charge),
          rates(temperature, down, charge), 1e-7)
      }
    }
  }

  @Test("What is used up comes to rest, and discharge does not run its reaction backwards")
  func usedUp() throws {
    let kernel = ReactionNetwork.lfp.kernel(amount: 1)
    let count = kernel.reactionCount
    var contents = kernel.freshContents
    let cathode = try #require(kernel.roles.firstIndex(of: .chargedCathode))
    contents[cathode] = -1e-6
    var rates = [Double](repeating: 0, count: count)
    var slopes = rates
    var chargeSlopes = rates
    var jacobian = [Double](repeating: 0, count: count * count)
    _ = kernel.linearize(
      temperature: 800, contents: &contents, rates: &rates, slopes: &slopes, jacobian: &jacobian,
      chargeSlopes: &chargeSlopes, holdsSlopes: true)
    #expect(rates[2] == 0)
    #expect(jacobian[2 * count + 2] < 0)
    for k in 0..<count where k != 2 { #expect(jacobian[2 * count + k] == 0) }
    #expect(chargeSlopes[2] == 0)
  }

  @Test("No temperature or content makes a rate overflow", arguments: networks)
  func bounded(network: ReactionNetwork) {
    let kernel = network.kernel(amount: 1)
    for temperature in [-50.0, 0, 1, 250, 1_000, 5_000, 1e9] {
      for scale in [-1.0, 0, 1e-12, 1, 50] {
        let contents = kernel.freshContents.map { $0 * scale }
        let (rates, heat) = evaluate(kernel, temperature, contents)
        #expect(rates.allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(heat.isFinite)
      }
    }
  }

  @Test("A windowed reaction rests outside its window")
  func windows() {
    let kernel = ReactionNetwork.ncm25Ah.kernel(amount: 1)
    let cold = evaluate(kernel, 273.15 + 119, kernel.freshContents).rates
    let warm = evaluate(kernel, 273.15 + 121, kernel.freshContents).rates
    let separator = ReactionNetwork.ncm25Ah.reactions.firstIndex { $0.heat < 0 } ?? 0
    #expect(cold[separator] == 0)
    #expect(warm[separator] > 0)
  }

  @Test("Low charge leaves less lithium in the anode and less charged cathode")
  func chargeScalesContents() {
    let kernel = ReactionNetwork.ncm.kernel(amount: 1)
    let half = kernel.initialContents(CellCondition(stateOfCharge: 0.5))
    for (index, role) in kernel.roles.enumerated() {
      let ratio = half[index] / kernel.freshContents[index]
      switch role {
      case .anodeLithium, .chargedCathode: #expect(abs(ratio - 0.5) < 1e-12)
      default: #expect(ratio == 1)
      }
    }
  }

  @Test("A network tells everything that is wrong with it at once")
  func faults() {
    var network = ReactionNetwork.lco
    network.reactions[0].frequency = -1
    network.reactions[1].changes.append(ContentChange("unobtainium", 1))
    network.reactions[2].factors = []
    #expect(network.faults.count == 3)
    #expect(ReactionNetwork.lco.faults.isEmpty)
  }
}
