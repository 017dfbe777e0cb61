// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: layout of its memory, and what the mesh says.

import Foundation
import NumericalMethods

extension PorousElectrodeModel {
  /// Slots of one value per node.
  enum NodeSlot: Int, CaseIterable {
    // Fixed: width, porosity of the fresh cell times width.
    case width, capacity
    // Porosity times width, effective factor, salt concentration: these change where films grow.
    case storage, factor, salt
    // Condensed reaction of all particles of a volume, by salt and by potential.
    case reactionBySalt, reactionByPotential
    // Of the last evaluation: conductances of the face to the right and their slopes.
    case conductivity, conductivitySlope, diffusivity, diffusivitySlope, logarithm
    // Faces: salt flux and ionic current to the right, by the left and right concentration.
    case solidConductance
    // Factors: inverse of the diagonal block (9), eliminated upper block (9), lower block (4).
    case inverse0, inverse1, inverse2, inverse3, inverse4, inverse5, inverse6, inverse7, inverse8
    case upper0, upper1, upper2, upper3, upper4, upper5, upper6, upper7, upper8
    case lower0, lower1, lower2, lower3
    // Right side in blocks (3), response to the current (3).
    case right0, right1, right2, response0, response1, response2
  }

  /// Slots of one value per particle.
  enum SurfaceSlot: Int, CaseIterable {
    // Reacting surface per wetted area of the cell, that of the fresh cell, and the active material
    // in wet contact relative to the start.
    case area, freshArea, share
    // Loss across the film, and its change; zero without film.
    case loss, lossChange
    case stoichiometry, current, bySalt, byPotential, byStoichiometry, potential, overpotential
    // Of the last linearisation: change of the surface by a unit of current.
    case response, condensed, surfaceRight
    // Hysteresis: half the gap of the branches; change of the state by a unit of current, inverse
    // of its diagonal, and its change at a given current.
    case gap, hysteresisResponse, hysteresisInverse, hysteresisKnown
  }

  static var nodeSlots: Int { NodeSlot.allCases.count }
  static var surfaceSlots: Int { SurfaceSlot.allCases.count }

  @inline(__always)
  func node(_ slot: NodeSlot) -> UnsafeMutablePointer<Double> {
    memory.base + slot.rawValue * nodes
  }

  @inline(__always)
  func surface(_ slot: SurfaceSlot) -> UnsafeMutablePointer<Double> {
    memory.base + Self.nodeSlots * nodes + slot.rawValue * surfaces
  }

  /// Salt concentration relative to rest, at the state of the last evaluation.
  @inline(__always)
  func salt(_ state: UnsafePointer<Double>) -> UnsafePointer<Double> {
    hasFilm ? UnsafePointer(node(.salt)) : state
  }

  /// Node of an electrode volume.
  @inline(__always)
  func nodeOf(_ electrodeNode: Int) -> Int {
    electrodeNode < mesh.negative ? electrodeNode : electrodeNode + mesh.separator
  }

  /// Writes what the mesh and the fresh porosities say.
  func fillGeometry() {
    for i in 0..<nodes {
      let h = mesh.widths[i]
      let (porosity, exponent) = mesh.pores(i, parameters)
      node(.width)[i] = h
      node(.capacity)[i] = porosity * h
      node(.storage)[i] = porosity * h
      node(.factor)[i] = pow(porosity, exponent)
    }
    fillSurface(negative)
    fillSurface(positive)
    if let second { fillSurface(second) }
    // Conductance of the face to the right of an electrode volume; none at the separator. The
    // collectors' half volumes are handled apart.
    for e in 0..<electrodeNodes {
      let i = nodeOf(e)
      let last = e == mesh.negative - 1 || e == electrodeNodes - 1
      let sigma =
        e < mesh.negative
        ? parameters.negative.effectiveConductivity : parameters.positive.effectiveConductivity
      node(.solidConductance)[e] =
        last ? 0 : 2 * sigma / (mesh.widths[i] + mesh.widths[i + 1])
    }
  }

  private func fillSurface(_ particles: ParticlePopulation) {
    for e in 0..<particles.count {
      let width = mesh.widths[nodeOf(particles.firstVolume + e)]
      surface(.area)[particles.firstSurface + e] = particles.kernel.surfaceDensity * width
      surface(.freshArea)[particles.firstSurface + e] = particles.kernel.surfaceDensity * width
      surface(.share)[particles.firstSurface + e] = 1
    }
  }

  /// Conductance from the negative collector to the first volume, in S/m².
  var negativeContact: Double {
    2 * parameters.negative.effectiveConductivity / mesh.widths[0]
  }

  /// Conductance from the last volume to the positive collector, in S/m².
  var positiveContact: Double {
    2 * parameters.positive.effectiveConductivity / mesh.widths[nodes - 1]
  }
}
