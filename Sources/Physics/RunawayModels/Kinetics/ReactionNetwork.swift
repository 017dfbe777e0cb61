// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A set of decomposition reactions and the contents they act on, as data.

/// What a content stands for; decides how charge, ageing and shorts change it.
public enum ContentRole: String, CaseIterable, Hashable, Sendable, Codable {
  /// Lithium (or sodium) in the anode: proportional to the state of charge.
  case anodeLithium
  /// Cathode that is charged and has not decomposed: proportional to the state of charge.
  case chargedCathode
  /// Metastable interphase of the anode: grows with ageing.
  case interphase
  /// Film that hinders electrons: grows with ageing.
  case barrier
  /// Plated lithium: from charging too fast or too far.
  case platedLithium
  /// Electrolyte that has not decomposed.
  case electrolyte
  /// Separator that has not melted.
  case separator
  /// Anything else.
  case other
}

/// An amount that reactions change, normalised as its source does.
public struct NetworkContent: Hashable, Sendable {
  /// Name that reactions use.
  public var name: String
  /// What it stands for.
  public var role: ContentRole
  /// Amount of a fully charged, fresh cell.
  public var initial: Double

  /// Creates a content.
  public init(_ name: String, _ role: ContentRole, _ initial: Double) {
    self.name = name
    self.role = role
    self.initial = initial
  }
}

/// What a reaction's ``Reaction/loading`` is counted for.
public enum LoadingBasis: String, Hashable, Sendable, Codable {
  /// Kilograms per cubic metre of jelly roll.
  case cubicMetre
  /// Kilograms in the one cell that the set was made for.
  case cell
}

/// A set of decomposition reactions and the contents they act on.
///
/// Any number of reactions can be combined. Compile it with ``kernel(amount:)`` to evaluate it.
public struct ReactionNetwork: Hashable, Sendable {
  /// Short name.
  public var name: String
  /// Where the numbers come from, and what was fitted.
  public var source: String
  /// Whether numbers were fitted by this project to ranges rather than published as kinetics.
  public var isFitted: Bool
  /// What loadings are counted for.
  public var basis: LoadingBasis
  /// Contents.
  public var contents: [NetworkContent]
  /// Reactions.
  public var reactions: [Reaction]

  /// Creates a network.
  public init(
    name: String, source: String, isFitted: Bool = false, basis: LoadingBasis,
    contents: [NetworkContent], reactions: [Reaction]
  ) {
    self.name = name
    self.source = source
    self.isFitted = isFitted
    self.basis = basis
    self.contents = contents
    self.reactions = reactions
  }

  /// Everything that is wrong with the network, in words; empty when it can be compiled.
  public var faults: [String] {
    var faults: [String] = []
    let names = contents.map(\.name)
    if Set(names).count != names.count { faults.append("two contents have one name") }
    if reactions.isEmpty { faults.append("there is no reaction") }
    for content in contents where !(content.initial.isFinite && content.initial >= 0) {
      faults.append("content \(content.name): initial amount \(content.initial) is not 0 or more")
    }
    for reaction in reactions {
      let place = "reaction \(reaction.name): "
      if !(reaction.frequency.isFinite && reaction.frequency > 0) {
        faults.append(place + "frequency \(reaction.frequency) 1/s is not above 0")
      }
      if !(reaction.activationEnergy.isFinite && reaction.activationEnergy >= 0) {
        faults.append(place + "activation energy \(reaction.activationEnergy) J/mol is negative")
      }
      if !reaction.heat.isFinite { faults.append(place + "heat is not a number") }
      if !(reaction.loading.isFinite && reaction.loading >= 0) {
        faults.append(place + "loading \(reaction.loading) kg is negative")
      }
      if reaction.factors.isEmpty {
        faults.append(place + "no factor bounds it, so it would never end")
      }
      for factor in reaction.factors {
        let (name, isValid): (String, Bool) =
          switch factor {
          case .power(let content, let order): (content, order > 0 && order.isFinite)
          case .inhibition(let content, let scale): (content, scale > 0)
          case .tunnelling(let content, let strength, let critical):
            (content, strength >= 0 && critical >= 0)
          }
        if !names.contains(name) { faults.append(place + "there is no content \(name)") }
        if !isValid { faults.append(place + "a parameter of \(name) is not positive") }
      }
      for change in reaction.changes where !names.contains(change.content) {
        faults.append(place + "there is no content \(change.content)")
      }
    }
    return faults
  }

  /// Compiles the network to flat arrays.
  ///
  /// - Parameter amount: Cubic metres of jelly roll, or 1 for a set made for a whole cell.
  /// - Returns: What evaluates rates, heat and their derivatives.
  /// - Precondition: ``faults`` is empty.
  public func kernel(amount: Double) -> ReactionKernel {
    precondition(faults.isEmpty, "reaction network \(name): \(faults.joined(separator: "; "))")
    return ReactionKernel(self, amount: amount)
  }

  /// The network without its separator and whatever melts it.
  public func withoutSeparator() -> ReactionNetwork {
    let names = Set(contents.filter { $0.role == .separator }.map(\.name))
    guard !names.isEmpty else { return self }
    var copy = self
    copy.contents.removeAll { names.contains($0.name) }
    copy.reactions.removeAll { reaction in
      reaction.changes.contains { names.contains($0.content) }
    }
    return copy
  }

  /// Scales all heats by a factor, for example 0.9 for a can that is 90 % full.
  public func scalingHeats(by factor: Double) -> ReactionNetwork {
    var copy = self
    for index in copy.reactions.indices { copy.reactions[index].heat *= factor }
    return copy
  }
}
