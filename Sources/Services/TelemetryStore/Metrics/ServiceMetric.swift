// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One number that a service shows to a monitoring system.

/// One number that a service shows to a monitoring system, in the terms of Prometheus.
public struct ServiceMetric: Hashable, Sendable {
  /// Whether a metric only grows or goes up and down.
  public enum Kind: String, Hashable, Sendable {
    /// Only grows while the process lives.
    case counter
    /// Goes up and down.
    case gauge
  }

  /// Name, for example `anodyne_frames_stored_total`.
  public var name: String
  /// What it counts, in one sentence.
  public var help: String
  /// Counter or gauge.
  public var kind: Kind
  /// The value.
  public var value: Double
  /// Labels by name.
  public var labels: [String: String]

  /// Creates a metric.
  public init(
    _ name: String, help: String, kind: Kind, value: Double, labels: [String: String] = [:]
  ) {
    self.name = name
    self.help = help
    self.kind = kind
    self.value = value
    self.labels = labels
  }
}

extension ServiceMetric {
  /// Metrics in the text format of Prometheus, version 0.0.4; equal names share one header.
  ///
  /// - Complexity: O(n log n).
  public static func prometheusText(_ metrics: [ServiceMetric]) -> String {
    var text = ""
    var previous = ""
    for metric in metrics.sorted(by: { $0.name < $1.name }) {
      if metric.name != previous {
        text +=
          "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
        previous = metric.name
      }
      let labels = metric.labels.sorted { $0.key < $1.key }
        .map { "\($0.key)=\"\(escape($0.value))\"" }.joined(separator: ",")
      text += metric.name + (labels.isEmpty ? "" : "{\(labels)}") + " \(metric.value)\n"
    }
    return text
  }

  private static func escape(_ value: String) -> String {
    var out = ""
    for character in value {
      switch character {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.append(character)
      }
    }
    return out
  }
}
