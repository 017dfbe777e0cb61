// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A limit that may depend on temperature.

public import Quantities

/// A limit that is constant or depends on temperature, piecewise linear between given points and
/// constant beyond the first and last.
public struct LimitCurve: Codable, Hashable, Sendable {
  /// One point of the curve.
  public struct Point: Codable, Hashable, Sendable {
    /// Cell temperature.
    public let temperature: Temperature
    /// The limit there, in the SI unit of the limited quantity.
    public let value: Double

    /// Creates a point.
    public init(temperature: Temperature, value: Double) {
      self.temperature = temperature
      self.value = value
    }
  }

  /// Points in rising temperature; one point stands for a constant.
  public let points: [Point]

  /// A constant limit.
  ///
  /// - Parameter value: The limit in the SI unit of the limited quantity; must be finite.
  public init(constant value: Double) {
    precondition(value.isFinite, "a limit must be finite")
    points = [Point(temperature: Temperature(PhysicalConstants.referenceTemperature), value: value)]
  }

  /// A limit that depends on temperature.
  ///
  /// - Parameter points: At least one point, in strictly rising temperature, all finite.
  public init(points: [Point]) {
    if let fault = Self.fault(in: points) { preconditionFailure(fault) }
    self.points = points
  }

  /// Reads a curve; points that are missing, not finite or out of order are refused.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let points = try values.decode([Point].self, forKey: .points)
    if let fault = Self.fault(in: points) {
      throw DecodingError.dataCorruptedError(
        forKey: .points, in: values, debugDescription: fault)
    }
    self.points = points
  }

  private static func fault(in points: [Point]) -> String? {
    if points.isEmpty { return "a limit needs a point" }
    guard points.allSatisfy({ $0.temperature.isFinite && $0.value.isFinite }) else {
      return "points of a limit must be finite"
    }
    let rises = zip(points, points.dropFirst()).allSatisfy { $0.temperature < $1.temperature }
    return rises ? nil : "points of a limit must rise in temperature"
  }

  /// Whether the limit depends on temperature.
  public var dependsOnTemperature: Bool { points.count > 1 }

  /// The limit at a temperature.
  ///
  /// - Parameter temperature: Cell temperature; nil or NaN where unknown.
  /// - Returns: The limit in SI; nil if it depends on a temperature that is unknown.
  /// - Complexity: O(points).
  public func value(at temperature: Temperature?) -> Double? {
    guard points.count > 1 else { return points[0].value }
    guard let temperature, !temperature.value.isNaN else { return nil }
    guard let above = points.firstIndex(where: { $0.temperature >= temperature }) else {
      return points[points.count - 1].value
    }
    guard above > 0 else { return points[0].value }
    let lower = points[above - 1]
    let upper = points[above]
    let part =
      (temperature.value - lower.temperature.value)
      / (upper.temperature.value - lower.temperature.value)
    return lower.value + part * (upper.value - lower.value)
  }

  /// The same curve with every value multiplied by a factor.
  func scaled(by factor: Double) -> LimitCurve {
    LimitCurve(points: points.map { Point(temperature: $0.temperature, value: $0.value * factor) })
  }
}
