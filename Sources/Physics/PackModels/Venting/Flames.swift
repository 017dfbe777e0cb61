// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Vented gas that burns in the open air and heats the cells beside it.

/// Vented gas and solvent that burn in the air around a pack without a housing.
///
/// The fuel of a cell is its vented gas and its volatile solvent; it leaves in step with the heat of
/// reactions and burns with a time constant. Flames rise from vents: while they burn, the tops of the
/// cells next to it stand in them, and of their open sides what lies within a depth below the top. These
/// surfaces take up convection and radiation as in a natural fire. All neighbours together take at most a
/// fixed part of what burns; the rest goes up with the smoke.
public struct Flames: Hashable, Sendable {
  /// Temperature of the flame, in kelvin; 1200 K is the middle of the 800 to 1100 °C of
  /// hydrocarbon diffusion flames (Drysdale 2011, An Introduction to Fire Dynamics, chapter 4).
  public var temperature = 1_200.0
  /// Heat transfer coefficient to a surface in the flame, in W/(m²K): 35 of natural fires (EN 1991-1-2:2002,
  /// 3.3).
  public var convection = 35.0
  /// Depth below the tops to which open sides of neighbours stand in the flame, in metres.
  public var depth = 0.0
  /// Part of the heat of burning that neighbours take at most: the radiated part of the flames of
  /// hydrocarbons, 0.3 to 0.4 (Drysdale 2011, chapter 4).
  public var receivedShare = 0.35
  /// Time in which what has left a cell burns, in seconds; assumed.
  public var burningTime = 15.0

  /// Creates a flame with the numbers of the sources.
  public init() {}
}
