// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A reaction network compiled to flat arrays.

import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A reaction network compiled to flat arrays: rates, heat and exact derivatives, no allocation.
///
/// The unknowns of a node are the *extents* of its reactions (see ``Reaction``); contents are
/// `initial + Σ change·extent + charge column·discharged charge`. Write the contents of a node with
/// ``fillContents(initial:extents:charge:into:)`` and evaluate them with
/// ``evaluate(temperature:contents:rates:)`` or
/// ``linearize(temperature:contents:rates:slopes:jacobian:chargeSlopes:holdsSlopes:)``.
/// For many nodes keep extents and initial contents as `[node × reaction]` and `[node × content]`
/// blocks and pass pointers to a node's part.
///
/// Rates are bounded: the exponent is cut where `A·exp(−E/RT)` would pass ``highestRate``, so that
/// no temperature makes a rate overflow.
public struct ReactionKernel: Sendable {
  /// Contents below which a fractional power goes on straight to zero.
  public static let smallestContent = 1e-6
  /// Highest rate constant, in 1/s.
  public static let highestRate = 1e6

  /// Number of contents.
  public let contentCount: Int
  /// Number of reactions, which is the number of unknowns of a node beside its temperature.
  public let reactionCount: Int
  /// Contents of a fresh, fully charged cell.
  public let freshContents: [Double]
  /// Role of each content.
  public let roles: [ContentRole]
  /// Heat of one unit of extent of each reaction, in joules.
  public let heats: [Double]
  /// Mass of one unit of extent of each reaction, in kg.
  public let masses: [Double]
  /// Change of each content by one unit of extent: `[content × reaction]`, row-major.
  public let changes: [Double]
  /// Change of each content when the whole charge of a cell is taken out: the part of the content
  /// that follows the state of charge, negated.
  public let chargeColumn: [Double]

  @usableFromInline struct Program: Sendable {
    var logFrequency: Double
    var energyOverGas: Double
    var lower: Double
    var upper: Double
    var firstFactor: Int
    var lastFactor: Int
  }
  @usableFromInline struct Factor: Sendable {
    var kind: Kind
    var content: Int
    var parameter: Double
    var limit: Double
  }
  @usableFromInline enum Kind: UInt8, Sendable { case linear, power, inhibition, tunnelling }

  let programs: [Program]
  let factors: [Factor]
  /// `ln` of the highest rate constant.
  let logHighestRate = log(Self.highestRate)

  init(_ network: ReactionNetwork, amount: Double) {
    let names = Dictionary(
      uniqueKeysWithValues: network.contents.enumerated().map { ($0.element.name, $0.offset) })
    func place(_ name: String) -> Int { names[name] ?? 0 }
    contentCount = network.contents.count
    reactionCount = network.reactions.count
    freshContents = network.contents.map(\.initial)
    roles = network.contents.map(\.role)
    masses = network.reactions.map { $0.loading * amount }
    heats = network.reactions.map { $0.heat * $0.loading * amount }
    var changes = [Double](repeating: 0, count: contentCount * reactionCount)
    var programs: [Program] = []
    var factors: [Factor] = []
    for (index, reaction) in network.reactions.enumerated() {
      for change in reaction.changes {
        changes[place(change.content) * reactionCount + index] += change.amount
      }
      let first = factors.count
      for factor in reaction.factors {
        switch factor {
        case .power(let name, let order):
          factors.append(
            Factor(
              kind: order == 1 ? .linear : .power, content: place(name), parameter: order,
              limit: 0))
        case .inhibition(let name, let scale):
          factors.append(
            Factor(kind: .inhibition, content: place(name), parameter: 1 / scale, limit: 0))
        case .tunnelling(let name, let strength, let critical):
          factors.append(
            Factor(
              kind: .tunnelling, content: place(name), parameter: strength, limit: critical))
        }
      }
      programs.append(
        Program(
          logFrequency: log(reaction.frequency),
          energyOverGas: reaction.activationEnergy / PhysicalConstants.gas,
          lower: reaction.window?.lower ?? -.infinity,
          upper: reaction.window?.upper ?? .infinity, firstFactor: first,
          lastFactor: factors.count))
    }
    self.changes = changes
    self.programs = programs
    self.factors = factors
    chargeColumn = network.contents.map { content in
      switch content.role {
      case .anodeLithium, .chargedCathode: -content.initial
      default: 0
      }
    }
  }
}
