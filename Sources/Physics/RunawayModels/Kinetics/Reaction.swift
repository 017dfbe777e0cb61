// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A decomposition reaction as data: Arrhenius law, rate factors, heat, gas.

/// A factor of a reaction's rate that depends on a content.
public enum RateFactor: Hashable, Sendable {
  /// The content to a power; below ``ReactionKernel/smallestContent`` a fractional power goes on
  /// straight to zero, so that its slope stays finite. Negative contents count as none.
  case power(content: String, order: Double)
  /// `exp(−content/scale)`: the product hinders its own formation.
  case inhibition(content: String, scale: Double)
  /// `exp(−strength·min(content, critical))`: electrons tunnel through a film until it is frozen
  /// at a critical thickness.
  case tunnelling(content: String, strength: Double, critical: Double)
}

/// A range of temperature outside which a reaction rests.
///
/// The ends are smooth over ``width`` (a cubic from zero to one centred on the end), so that
/// stiff steps do not stumble over a jump; published sets state jumps.
public struct TemperatureWindow: Hashable, Sendable {
  /// Lower end, in kelvin.
  public var lower: Double
  /// Upper end, in kelvin.
  public var upper: Double
  /// Width of the smooth ends, in kelvin.
  public static let width = 1.0

  /// Creates a window; an end that is absent is open.
  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    self.lower = lower
    self.upper = upper
  }
}

/// What one unit of conversion does to a content.
public struct ContentChange: Hashable, Sendable {
  /// Name of the content.
  public var content: String
  /// Change of the content for one unit of conversion; negative where it is used up.
  public var amount: Double

  /// Creates a change.
  public init(_ content: String, _ amount: Double) {
    self.content = content
    self.amount = amount
  }
}

/// A decomposition reaction: `rate = A·g(T)·exp(−E/(R·T))·Π factors`, in 1/s.
///
/// The integral of the rate is the *extent* of the reaction. Contents follow from extents by
/// ``changes`` alone, so that mass is conserved to rounding whatever the integrator does; heat and
/// gas are proportional to the extent.
public struct Reaction: Hashable, Sendable {
  /// Short name, for example `anode with electrolyte`.
  public var name: String
  /// Frequency factor `A`, in 1/s.
  public var frequency: Double
  /// Activation energy `E`, in J/mol.
  public var activationEnergy: Double
  /// Heat released by one unit of extent, in J per kg of ``loading``; negative for an endotherm
  /// such as melting.
  public var heat: Double
  /// Reacting mass, in kg per unit of the network's ``ReactionNetwork/basis``.
  public var loading: Double
  /// Where the reaction is active; nil for everywhere.
  public var window: TemperatureWindow?
  /// Factors of the rate.
  public var factors: [RateFactor]
  /// Changes of contents for one unit of extent.
  public var changes: [ContentChange]
  /// Which gases it forms; nil for none.
  public var gas: GasOrigin?

  /// Creates a reaction.
  public init(
    name: String, frequency: Double, activationEnergy: Double, heat: Double, loading: Double,
    window: TemperatureWindow? = nil, factors: [RateFactor], changes: [ContentChange],
    gas: GasOrigin? = nil
  ) {
    self.name = name
    self.frequency = frequency
    self.activationEnergy = activationEnergy
    self.heat = heat
    self.loading = loading
    self.window = window
    self.factors = factors
    self.changes = changes
    self.gas = gas
  }
}

/// Which part of a cell a gas comes from; ``GasProfile`` says how much of which gas that is.
public enum GasOrigin: String, CaseIterable, Hashable, Sendable, Codable {
  /// Decomposition of the anode's interphase.
  case interphase
  /// Lithium of the anode with solvent.
  case anode
  /// Oxygen of the cathode with solvent, or the cathode itself.
  case cathode
  /// Decomposition of the electrolyte.
  case electrolyte
}
