// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs the built `anodyne` program, for tests of what a person sees.

public import Foundation

/// Runs the built `anodyne` program.
public enum Program {
  /// What a run of the program left behind.
  public struct Outcome: Sendable {
    /// The exit code; negative if a signal ended the program.
    public let status: Int32
    /// What it wrote to the standard output stream.
    public let output: String
    /// What it wrote to the standard error stream.
    public let errors: String
  }

  /// The program beside the running tests, or the one `ANODYNE_PROGRAM` names.
  public static var executable: URL {
    if let path = ProcessInfo.processInfo.environment["ANODYNE_PROGRAM"], !path.isEmpty {
      return URL(fileURLWithPath: path)
    }
    // On macOS a helper runs the test bundle, whose path is among the arguments.
    let bundle =
      CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    var folder = URL(fileURLWithPath: bundle)
    while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
    return folder.appending(path: "anodyne")
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - arguments: The command line after the name of the program.
  ///   - environment: Variables on top of the present ones.
  ///   - folder: The working folder; nil for the present one.
  /// - Returns: Exit code and everything written.
  /// - Throws: An error of Foundation if the program cannot be started.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil
  ) throws -> Outcome {
    try run(executable, arguments, environment: environment, in: folder)
  }

  /// Runs any program to its end; both streams are kept in files, so neither can block it.
  ///
  /// - Parameters:
  ///   - program: The program's file.
  ///   - arguments: The command line after the name of the program.
  ///   - environment: Variables on top of the present ones.
  ///   - folder: The working folder; nil for the present one.
  /// - Returns: Exit code and everything written.
  /// - Throws: An error of Foundation if the program cannot be started.
  public static func run(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:],
    in folder: URL? = nil
  ) throws -> Outcome {
    try withTemporaryFolder { scratch in
      let process = Process()
      process.executableURL = program
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.currentDirectoryURL = folder
      process.standardInput = FileHandle.nullDevice
      let streams = ["output", "errors"].map { scratch.appending(path: $0) }
      for stream in streams { try Data().write(to: stream) }
      process.standardOutput = try FileHandle(forWritingTo: streams[0])
      process.standardError = try FileHandle(forWritingTo: streams[1])
      try process.run()
      process.waitUntilExit()
      let texts = try streams.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
      let status =
        process.terminationReason == .exit
        ? process.terminationStatus : -process.terminationStatus
      return Outcome(status: status, output: texts[0], errors: texts[1])
    }
  }

  /// Gives a folder that is deleted afterwards.
  ///
  /// - Parameter body: Work in the folder.
  /// - Returns: What the work returns.
  /// - Throws: What the work throws, or an error of Foundation if the folder cannot be made.
  public static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "anodyne-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
