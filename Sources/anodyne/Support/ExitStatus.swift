// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The stable exit codes of every command, and the way from an error to one of them.

import ArgumentParser
import BatteryFiles
import Foundation

/// The stable exit codes of every command; the numbers are those of `sysexits.h`.
enum ExitStatus: Int32 {
  /// Everything was done.
  case success = 0
  /// The command line is wrong.
  case usage = 64
  /// The data of a file are wrong.
  case badData = 65
  /// A file cannot be reached.
  case unreadableInput = 66
  /// A service cannot be reached.
  case unavailable = 69
  /// A fault of the program.
  case softwareFault = 70
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed on the way.
  case ioError = 74
  /// The data are of a newer version of the program.
  case newerVersion = 76
  /// What is to be changed may not be written.
  case notPermitted = 77

  /// The code for an error of a file.
  init(_ error: FileError) {
    switch error {
    case .unreadable: self = .unreadableInput
    case .unwritable: self = .cannotCreate
    default: self = .badData
    }
  }

  /// The code as ArgumentParser wants it thrown.
  var exitCode: ExitCode { ExitCode(rawValue) }
}

/// Errors of several inputs of one call: each is told at once, the worst code ends the program.
struct FailureReport {
  private(set) var count = 0
  private var status = ExitStatus.success

  /// Tells an error of a file in one line on the standard error stream.
  mutating func note(_ error: FileError) {
    // Reports already printed come before the error also where both streams go to one place.
    fflush(nil)
    StandardError.write("anodyne: \(error.message)\n")
    count += 1
    // A file with wrong data says more than one that is not there.
    if status != .badData { status = ExitStatus(error) }
  }

  /// Ends the command with the code of what went wrong, if anything did.
  ///
  /// - Throws: `ExitCode` when an error was noted.
  func finish() throws {
    if count > 0 { throw status.exitCode }
  }
}

/// The standard error stream.
enum StandardError {
  /// Writes text at once.
  ///
  /// A stream that takes nothing, closed or on a full disk, is left alone: there is nowhere to
  /// tell that.
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// The standard output stream.
enum StandardOutput {
  /// Writes text at once.
  ///
  /// - Throws: `ExitCode` 74 when the stream takes nothing, for example on a full disk; the reason
  ///   is told on the standard error stream.
  static func write(_ text: String) throws { try write(Data(text.utf8)) }

  /// Writes bytes at once.
  ///
  /// - Throws: As ``write(_:)-(String)``.
  static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let reason =
        cause.map { String(cString: strerror(Int32(truncatingIfNeeded: $0.code))) }
        ?? error.localizedDescription
      StandardError.write("anodyne: the standard output stream cannot be written: \(reason)\n")
      throw ExitStatus.ioError.exitCode
    }
  }
}
