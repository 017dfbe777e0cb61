// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a simulated fleet cannot go on.

/// Why a simulated fleet cannot go on.
public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A line of the manifest could not be written.
  case manifestFailed(path: String, reason: String)
  /// A line of a manifest cannot be read.
  case badManifest(line: Int, reason: String)
  /// Some vehicles did not reach the gateway.
  case vehiclesFailed(count: Int, of: Int, first: String)

  /// What is wrong, with the next step.
  public var description: String {
    switch self {
    case .manifestFailed(let path, let reason):
      "the manifest \(path) is not complete: \(reason); free some space and run again"
    case .badManifest(let line, let reason): "line \(line): \(reason)"
    case .vehiclesFailed(let count, let all, let first):
      "\(count) of \(all) vehicles gave up; the first: \(first)"
    }
  }
}
