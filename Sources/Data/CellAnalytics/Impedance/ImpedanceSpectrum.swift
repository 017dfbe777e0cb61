// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One impedance spectrum and what can be read from it without a model.

/// One impedance spectrum, as measured.
public struct ImpedanceSpectrum: Codable, Hashable, Sendable {
  /// Number of the cycle in the source, where it has one.
  public var sourceCycle: Int?
  /// Frequencies in hertz; empty where the source does not state them.
  public var frequency: [Double] = []
  /// Real part in ohms.
  public var real: [Double] = []
  /// Imaginary part in ohms; capacitive is negative.
  public var imaginary: [Double] = []

  /// Creates an empty spectrum.
  public init(sourceCycle: Int? = nil) { self.sourceCycle = sourceCycle }

  /// Adds a point; a frequency that is not positive is left out.
  public mutating func append(frequency: Double, real: Double, imaginary: Double) {
    if frequency > 0, self.frequency.count == self.real.count { self.frequency.append(frequency) }
    self.real.append(real)
    self.imaginary.append(imaginary)
  }

  /// Whether every point has a frequency.
  public var hasFrequencies: Bool { !real.isEmpty && frequency.count == real.count }

  /// Whether a frequency reverses the direction of the sweep, so that a new spectrum begins.
  func turnsBack(_ next: Double) -> Bool {
    guard next > 0, frequency.count >= 2 else { return false }
    let falling = frequency[1] < frequency[0]
    let last = frequency[frequency.count - 1]
    return falling ? next > last * 1.5 : next < last / 1.5
  }

  /// The spectrum with the frequencies descending.
  func descending() -> ImpedanceSpectrum {
    guard hasFrequencies, let first = frequency.first, let last = frequency.last, first < last
    else { return self }
    var reversed = self
    reversed.frequency.reverse()
    reversed.real.reverse()
    reversed.imaginary.reverse()
    return reversed
  }

  /// The points from the inductive end on, for a spectrum that states no frequencies: metal leads
  /// make the highest frequencies inductive, so the end with the larger positive imaginary part is
  /// the fast one. Nil when neither end is inductive.
  private func inductiveFirst() -> ImpedanceSpectrum? {
    guard let first = imaginary.first, let last = imaginary.last, max(first, last) > 0 else {
      return nil
    }
    var ordered = self
    if last > first {
      ordered.real.reverse()
      ordered.imaginary.reverse()
    }
    return ordered
  }

  /// The ohmic resistance: the real part where the imaginary part passes from inductive to
  /// capacitive at high frequency.
  ///
  /// - Returns: The real part in ohms, interpolated linearly at the crossing, and whether there
  ///   is a crossing; without one, the real part at the highest frequency, which is an upper bound
  ///   for a purely capacitive spectrum. A spectrum without frequencies needs a crossing; else nil.
  /// - Complexity: O(points).
  public func ohmicResistance() -> (resistance: Double, isCrossing: Bool)? {
    guard let ordered = hasFrequencies ? descending() : inductiveFirst() else { return nil }
    // Only the upper half of the sweep: a low-frequency loop crosses the axis too.
    for index in 1..<max(1, ordered.real.count * 2 / 3)
    where ordered.imaginary[index - 1] > 0 && ordered.imaginary[index] <= 0 {
      let share =
        ordered.imaginary[index - 1] / (ordered.imaginary[index - 1] - ordered.imaginary[index])
      let value =
        ordered.real[index - 1] + share * (ordered.real[index] - ordered.real[index - 1])
      return (value, true)
    }
    return hasFrequencies ? ordered.real.first.map { ($0, false) } : nil
  }
}
