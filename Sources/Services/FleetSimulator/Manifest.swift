// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What was sent and acknowledged, so that a loss can be proved.

import Foundation
import FrameCryptography
import Synchronization
public import TelemetryCodec

/// The list of every acknowledged report, as JSON lines.
///
/// A line has the VIN, the number of the report among those of its vehicle, its command and time,
/// and the SHA-256 of its bytes:
/// `{"asset":"ANSIM000000000001","sequence":1,"command":2,"time":1768003200,"sha256":"…"}`.
/// Lines of one call stand together; they are on the disk after ``finish()``.
public final class Manifest: Sendable {
  private struct State {
    var handle: FileHandle?
    var buffer = Data()
    var counts: [String: Int] = [:]
    var lines = 0
    var failure: String?
  }

  private let state: Mutex<State>
  private let path: String
  private static let block = 1 << 18

  /// Starts a list; a file that is there is replaced.
  ///
  /// - Throws: An error of Foundation with the path.
  public init(path: String) throws {
    self.path = path
    try Data().write(to: URL(fileURLWithPath: path))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    state = Mutex(State(handle: handle))
  }

  /// Lines so far.
  public var count: Int { state.withLock { $0.lines } }

  /// Notes a report that was acknowledged. May be called from any task.
  ///
  /// - Complexity: O(n) in the length of the report.
  public func note(_ frame: Frame) {
    guard let bytes = try? frame.encoded() else { return }
    let hash = Digest.hexadecimal(Digest.sha256(bytes))
    let asset = frame.identifier.text
    let time = frame.time?.unixSeconds.map { "\($0)" } ?? "null"
    state.withLock { state in
      let sequence = state.counts[asset, default: 0] + 1
      state.counts[asset] = sequence
      state.lines += 1
      let line =
        #"{"asset":"\#(asset)","sequence":\#(sequence),"command":\#(frame.command.rawValue),"#
        + #""time":\#(time),"sha256":"\#(hash)"}"# + "\n"
      state.buffer.append(contentsOf: line.utf8)
      if state.buffer.count >= Self.block { Self.flush(&state) }
    }
  }

  /// Writes what is left and returns when everything is on the disk.
  ///
  /// - Throws: ``SimulationError/manifestFailed(path:reason:)`` when any line could not be written.
  public func finish() throws(SimulationError) {
    let failure = state.withLock { state -> String? in
      Self.flush(&state)
      do {
        try state.handle?.synchronize()
        try state.handle?.close()
      } catch {
        state.failure = state.failure ?? error.localizedDescription
      }
      state.handle = nil
      return state.failure
    }
    if let failure { throw .manifestFailed(path: path, reason: failure) }
  }

  private static func flush(_ state: inout State) {
    do {
      try state.handle?.write(contentsOf: state.buffer)
    } catch {
      state.failure = state.failure ?? error.localizedDescription
    }
    state.buffer.removeAll(keepingCapacity: true)
  }
}
