// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A CAN bus to listen to and to send on, whatever carries it.

public import TelemetryCodec

/// A CAN bus to listen to and to send on.
public protocol CANBus: Sendable {
  /// The frames on the bus from now on, with the moment of reception.
  ///
  /// The sequence ends when the bus is closed and throws ``SourceError`` when it is lost. A
  /// listener that falls far behind loses the oldest frames: a bus cannot be slowed down.
  func records() async throws -> AsyncThrowingStream<CANRecord, any Error>

  /// Puts a frame on the bus.
  ///
  /// - Throws: ``SourceError``.
  func send(_ frame: CANFrame) async throws
}

/// A bus inside the process: every frame sent reaches every listener. For simulations and tests.
public actor LocalCANBus: CANBus {
  private let name: String
  private let clock: @Sendable () -> Double
  private var listeners: [Int: AsyncThrowingStream<CANRecord, any Error>.Continuation] = [:]
  private var count = 0

  /// Creates a bus.
  ///
  /// - Parameters:
  ///   - name: Name that its records carry as their interface.
  ///   - clock: Gives the moment of reception in seconds.
  public init(name: String = "local", clock: @escaping @Sendable () -> Double) {
    self.name = name
    self.clock = clock
  }

  /// The frames from now on; ends with ``close()``.
  public func records() -> AsyncThrowingStream<CANRecord, any Error> {
    let (stream, continuation) = AsyncThrowingStream<CANRecord, any Error>.makeStream(
      bufferingPolicy: .bufferingNewest(65_536))
    count += 1
    let number = count
    listeners[number] = continuation
    continuation.onTermination = { _ in Task { await self.forget(number) } }
    return stream
  }

  /// Gives a frame to every listener.
  public func send(_ frame: CANFrame) {
    let record = CANRecord(seconds: clock(), interface: name, frame: frame)
    for listener in listeners.values { listener.yield(record) }
  }

  /// Ends every listener's sequence.
  public func close() {
    for listener in listeners.values { listener.finish() }
    listeners = [:]
  }

  private func forget(_ number: Int) { listeners[number] = nil }
}
