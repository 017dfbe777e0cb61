// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: where it keeps side reactions and wear.

/// Side reactions on the surface of one material of the negative electrode.
///
/// In every volume of the negative electrode: the total current density through the film, which is
/// algebraic because the film's loss acts on the reactions below it, the film's molecules relative
/// to the start, and the plated and the dead lithium. The film and the metal fill pores.
struct SurfaceFilm: Sendable {
  /// The laws.
  let local: LocalAgeing
  /// First particle in the slots of one value per particle.
  let firstSurface: Int
  /// First unknown: `[4 × volume]` total current density, molecules, plated and dead lithium.
  let unknownsAt: Int
  /// Start of the slots in the memory of the model.
  let memoryAt: Int

  /// Number of unknowns per volume.
  static let unknowns = 4

  /// Slots of one value per negative volume, of the last evaluation and linearisation.
  enum Slot: Int, CaseIterable {
    // Evaluation: currents of film and metal, film resistance, derivatives.
    case total, film, metal, resistance, metalByPotential, metalBySalt, metalByAmount, dying
    case filmByAmount, filmByPotential, filmByTotal
    // On cracks: current per area of particle, and its derivatives.
    case crack, crackByAmount, crackByPotential, crackByTotal
    // Linearisation.
    case gain, amountInverse, metalInverse, byAmount, crackInverse
    case totalBySalt, totalByPotential
    // Solution: what of the total change of current is known, and changes of the molecules.
    case known, amountChange, crackChange
  }
}

/// Wear of the particles of both electrodes, and what ages the cell as a whole.
///
/// For every particle: length of the cracks, molecules of film on them, active material that keeps
/// contact, each as ``LocalAgeing`` counts them, and lithium in lost active material relative to
/// the host of the start; then the charge that leaked, relative to the nominal capacity. The means
/// of the particles count lithium per active material of the start, so that loss of active material
/// conserves lithium exactly.
struct PorousWear: Sendable {
  let unknownsAt: Int
  let memoryAt: Int
  /// Particles of both electrodes.
  let surfaces: Int
  let modes: Int

  /// Unknowns of one value per particle.
  enum Unknown: Int, CaseIterable {
    case crack, crackFilm, active, trapped
  }

  /// Slots of one value per particle.
  enum Slot: Int, CaseIterable {
    // Active material left, area of cracks per area of particle, and thickness of film on them.
    case active, crackArea, crackThickness
  }

  /// Number of unknowns.
  var unknownCount: Int { Unknown.allCases.count * surfaces + 1 }
  /// Memory of slots and of amplitudes per active material, `[mode × particle]` per population.
  var memoryCount: Int { (Slot.allCases.count + modes) * surfaces }

  /// First of the unknowns of a kind.
  @inline(__always)
  func at(_ unknown: Unknown) -> Int { unknownsAt + unknown.rawValue * surfaces }
  /// The charge that leaked.
  var leakedIndex: Int { unknownsAt + Unknown.allCases.count * surfaces }
  /// Start of the amplitudes of a population.
  func amplitudesAt(firstSurface: Int) -> Int {
    memoryAt + Slot.allCases.count * surfaces + modes * firstSurface
  }
}

/// Voltage between the terminals, and the current that leaks between the electrodes.
struct PorousTerminals {
  var voltage = 0.0
  var leak = 0.0
  /// Derivatives by the potential of the last volume and by the current.
  var voltageByPotential = 1.0
  var voltageByCurrent = 0.0
  var leakByPotential = 0.0
  var leakByCurrent = 0.0
}
