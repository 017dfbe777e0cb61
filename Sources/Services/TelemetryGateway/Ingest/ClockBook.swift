// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The clock offset of every vehicle, shared between connections.

import Synchronization
import TelemetryCodec
package import TelemetryStore

/// The clock offset of every vehicle that sent live reports since the start.
public final class ClockBook: Sendable {
  /// Vehicles kept; made-up VINs must not fill the memory.
  private static let limit = 500_000
  private let offsets = Mutex<[String: ClockOffset]>([:])

  /// Creates an empty book.
  public init() {}

  /// Seconds that a vehicle's clock is behind ours; nil without a live report.
  public func offset(of identity: String) -> Double? {
    offsets.withLock { $0[identity]?.seconds }
  }

  /// Vehicles whose clock is off by more than ``ClockOffset/warning`` and ``ClockOffset/error``.
  ///
  /// - Complexity: O(n) in the number of vehicles.
  public var suspects: (warning: Int, error: Int) {
    let all = offsets.withLock { Array($0.values) }
    var counts = (warning: 0, error: 0)
    for offset in all {
      guard let seconds = offset.seconds?.magnitude else { continue }
      if seconds > ClockOffset.error {
        counts.error += 1
      } else if seconds > ClockOffset.warning {
        counts.warning += 1
      }
    }
    return counts
  }

  /// Adds what was stored: live reports alone, and no repetitions.
  package func add(_ frames: [NewFrame], _ outcomes: [AppendOutcome]) {
    offsets.withLock { offsets in
      for (frame, outcome) in zip(frames, outcomes) {
        guard frame.command == Command.realTimeReport.rawValue, case .stored = outcome,
          offsets[frame.identity] != nil || offsets.count < Self.limit
        else { continue }
        offsets[frame.identity, default: ClockOffset()].add(
          sample: Double(frame.collectionTime), received: frame.receiveTime)
      }
    }
  }
}
