// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A connection with a thread of its own, made again when it breaks.

import Dispatch
import Foundation
import Synchronization
import TelemetryStore

/// A connection with a thread of its own, made again when it breaks.
///
/// Work that fails because the server went away is done again from its start on a new connection,
/// with growing pauses, until the patience ends: what is given to it must be repeatable.
final class PostgresSession: Sendable {
  /// Shortest and longest pause between attempts.
  private static let pauses = (first: 0.02, longest: 0.5)

  let address: PostgresAddress
  private let queue: DispatchQueue
  private let connection = Mutex<PostgresConnection?>(nil)
  private let prepare: @Sendable (PostgresConnection) throws(PostgresError) -> Void
  private let counted = Atomic<Int>(0)

  /// Makes a session; it connects when it is first used.
  ///
  /// - Parameters:
  ///   - name: For the thread.
  ///   - address: Where the database is.
  ///   - prepare: Settles and checks every new connection.
  init(
    _ name: String, _ address: PostgresAddress,
    prepare: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Void
  ) {
    self.address = address
    self.prepare = prepare
    queue = DispatchQueue(label: "anodyne.postgres.\(name)")
  }

  /// Connections made.
  var connections: Int { counted.load(ordering: .relaxed) }

  /// Does work on the connection.
  ///
  /// - Parameters:
  ///   - patience: How long to try again when the server is away.
  ///   - body: The work; may be done more than once.
  /// - Returns: What `body` returns.
  /// - Throws: ``StoreError``.
  func run<Value: Sendable>(
    patience: Duration, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { answer in
      queue.async { [self] in answer.resume(returning: attempt(patience, body)) }
    }
    return try result.get()
  }

  /// Does work on the connection while the caller's thread waits.
  func runNow<Value: Sendable>(
    patience: Duration, _ body: @Sendable (PostgresConnection) throws -> Value
  ) throws(StoreError) -> Value {
    try queue.sync { attempt(patience, body) }.get()
  }

  private func attempt<Value: Sendable>(
    _ patience: Duration, _ body: @Sendable (PostgresConnection) throws -> Value
  ) -> Result<Value, StoreError> {
    let end = ContinuousClock.now + patience
    var pause = Self.pauses.first
    while true {
      do {
        return .success(try once(body))
      } catch let error as PostgresError {
        guard error.isTransient, ContinuousClock.now < end else {
          return .failure(StoreError(error))
        }
      } catch let error as StoreError {
        return .failure(error)
      } catch {
        return .failure(
          .server(place: address.place, reason: "\(error)", next: "see the log of the server"))
      }
      Thread.sleep(forTimeInterval: pause)
      pause = min(2 * pause, Self.pauses.longest)
    }
  }

  private func once<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) throws -> Value
  ) throws -> Value {
    try connection.withLock { connection in
      do {
        let open: PostgresConnection
        if let known = connection, known.isOpen {
          open = known
        } else {
          connection = nil
          open = try PostgresConnection(address)
          try prepare(open)
          connection = open
          counted.add(1, ordering: .relaxed)
        }
        return try body(open)
      } catch {
        // Prepared statements and open transactions of a doubtful connection go with it.
        if let error = error as? PostgresError, error.isTransient { connection = nil }
        throw error
      }
    }
  }

  /// Lets the connection go while the caller's thread waits.
  func closeNow() { connection.withLock { $0 = nil } }

  /// Lets the connection go once the work before is done.
  func close() async {
    await withCheckedContinuation { answer in
      queue.async { [self] in
        connection.withLock { $0 = nil }
        answer.resume()
      }
    }
  }
}
