// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is wrong with a file that a person wrote, and where.

/// One thing that is wrong in a file, with its place.
public struct InputFault: Hashable, Sendable, CustomStringConvertible {
  /// The file as the person named it.
  public let file: String
  /// Line, from 1; nil when the whole file is meant.
  public let line: Int?
  /// Path of keys, for example `thermal.barrier.thickness_mm`; empty for the whole file.
  public let key: String
  /// What is wrong, which value was found, and what is allowed.
  public let problem: String

  /// Creates a fault.
  public init(file: String, line: Int?, key: String, problem: String) {
    self.file = file
    self.line = line
    self.key = key
    self.problem = problem
  }

  /// `file:line: key: problem`, the form compilers use, so that editors can jump to it.
  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
  }
}

/// All that is wrong in a file, in order of lines; never empty.
public struct InputFaults: Error, Hashable, Sendable, CustomStringConvertible {
  /// The faults.
  public let faults: [InputFault]

  /// Creates the error.
  public init(_ faults: [InputFault]) {
    self.faults = faults
  }

  /// One line a fault.
  public var description: String {
    faults.map(\.description).joined(separator: "\n")
  }
}
