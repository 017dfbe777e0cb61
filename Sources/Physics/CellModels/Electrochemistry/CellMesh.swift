// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The mesh across the thickness of a cell.

import Foundation

/// Resolution of an electrochemical cell model.
public struct CellResolution: Hashable, Sendable {
  /// Finite volumes across the negative electrode.
  public var negative: Int
  /// Finite volumes across the separator.
  public var separator: Int
  /// Finite volumes across the positive electrode.
  public var positive: Int
  /// Modes of a particle; see ``ParticleModes``.
  public var particleModes: Int
  /// How much volumes shrink towards the ends of a region: 0 for none, below 1.
  public var grading: Double

  /// Creates a resolution.
  public init(
    negative: Int = 30, separator: Int = 3, positive: Int = 12, particleModes: Int = 6,
    grading: Double = 0
  ) {
    precondition(negative > 1 && separator > 1 && positive > 1, "two volumes per region")
    precondition((2...24).contains(particleModes), "two to 24 modes")
    precondition((0..<1).contains(grading), "a grading is from 0 to below 1")
    self.negative = negative
    self.separator = separator
    self.positive = positive
    self.particleModes = particleModes
    self.grading = grading
  }

  /// The resolution the accuracy figures in the validation page are stated for.
  public static let standard = CellResolution()

  /// A resolution for references: some four times the standard one.
  public static let fine = CellResolution(
    negative: 60, separator: 20, positive: 60, particleModes: 20)
}

/// Finite volumes across negative electrode, separator and positive electrode.
struct CellMesh: Sendable {
  let negative: Int
  let separator: Int
  let positive: Int
  /// Widths in metres, `[count]`.
  let widths: [Double]

  var count: Int { negative + separator + positive }

  /// Volumes graded smoothly towards both ends of each region.
  init(_ resolution: CellResolution, _ parameters: CellParameters) {
    negative = resolution.negative
    separator = resolution.separator
    positive = resolution.positive
    func region(_ count: Int, _ length: Double, _ grading: Double) -> [Double] {
      func edge(_ i: Int) -> Double {
        let s = Double(i) / Double(count)
        return length * ((1 - grading) * s + grading * 0.5 * (1 - cos(.pi * s)))
      }
      return (0..<count).map { edge($0 + 1) - edge($0) }
    }
    widths =
      region(negative, parameters.negative.thickness, resolution.grading)
      + region(separator, parameters.separator.thickness, 0)
      + region(positive, parameters.positive.thickness, resolution.grading)
  }

  /// Centres of the volumes, in metres from the negative collector.
  var centres: [Double] {
    var edge = 0.0
    return widths.map { width in
      edge += width
      return edge - 0.5 * width
    }
  }
}
