// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which connections are let in, and when: counts, pace, and addresses that keep failing.

/// Which connections are let in, and when.
///
/// After a restart all vehicles come back at once: they are let in at a steady pace, and only who
/// would have to wait too long is turned away. An address that fails to log in again and again has to
/// wait. No I/O; time is whatever the caller counts, in seconds.
public struct Admission: Sendable {
  /// The limits.
  public struct Limits: Hashable, Sendable {
    /// Connections open at one time.
    public var connections = 12_000
    /// Connections open at one time from one address.
    public var connectionsPerAddress = 12_000
    /// Connections let in each second.
    public var acceptsPerSecond = 2_000.0
    /// Connections let in at once after a quiet time.
    public var acceptBurst = 2_000.0
    /// Longest wait to be let in, in seconds.
    public var longestWait = 15.0
    /// Failed logins from one address after which it has to wait.
    public var failures = 50
    /// Seconds that it has to wait; a failed login counts as long, too.
    public var blockSeconds = 60.0

    /// Creates the usual limits.
    public init() {}
  }

  /// What to do with a connection.
  public enum Verdict: Hashable, Sendable {
    /// Let it in.
    case enter
    /// Let it in after this many seconds.
    case wait(Double)
    /// Close it.
    case refuse(GatewaySession.CloseReason)
  }

  private struct Address {
    var open = 0
    var failures = 0
    var lastFailure = -Double.infinity
  }

  private let limits: Limits
  private var pace: TokenBucket
  private var addresses: [String: Address] = [:]
  private var nextSweep: Double
  /// Connections open now.
  public private(set) var open = 0

  /// Creates an empty state.
  public init(_ limits: Limits, at time: Double) {
    self.limits = limits
    pace = TokenBucket(rate: limits.acceptsPerSecond, burst: limits.acceptBurst, at: time)
    nextSweep = time + limits.blockSeconds
  }

  /// Addresses remembered: with a connection, or with failures that still count.
  public var rememberedAddresses: Int { addresses.count }

  /// Most addresses that are remembered for their failures.
  public var remembranceLimit: Int { max(1_024, 4 * limits.connections) }

  /// Judges a connection; unless refused it counts as open until ``left(_:at:)``.
  ///
  /// - Complexity: O(1), amortised.
  public mutating func arrived(_ address: String, at time: Double) -> Verdict {
    sweep(at: time)
    var entry = addresses[address] ?? Address()
    if entry.failures >= limits.failures, time - entry.lastFailure < limits.blockSeconds {
      return .refuse(.blocked)
    }
    guard open < limits.connections else { return .refuse(.tooMany) }
    guard entry.open < limits.connectionsPerAddress else { return .refuse(.tooManyFromAddress) }
    let wait = pace.take(1, at: time)
    guard wait <= limits.longestWait else {
      pace.giveBack(1)
      return .refuse(.storm)
    }
    open += 1
    entry.open += 1
    addresses[address] = entry
    return wait > 0 ? .wait(wait) : .enter
  }

  /// A connection that was let in has ended.
  public mutating func left(_ address: String, at time: Double) {
    guard var entry = addresses[address] else { return }
    open -= 1
    entry.open -= 1
    // An attacker may own many addresses: beyond the bound a new one's failures are not remembered.
    // Those that are blocked stay so, and the pace of all logins holds for everyone.
    let isForgotten =
      entry.failures == 0 || time - entry.lastFailure >= limits.blockSeconds
      || addresses.count > remembranceLimit
    addresses[address] = entry.open == 0 && isForgotten ? nil : entry
  }

  /// A login from an address failed.
  ///
  /// - Complexity: O(1), amortised.
  public mutating func failed(_ address: String, at time: Double) {
    sweep(at: time)
    if addresses[address] == nil, addresses.count >= remembranceLimit { return }
    var entry = addresses[address] ?? Address()
    if time - entry.lastFailure >= limits.blockSeconds { entry.failures = 0 }
    entry.failures += 1
    entry.lastFailure = time
    addresses[address] = entry
  }

  /// A login from an address succeeded: earlier failures are forgiven.
  public mutating func succeeded(_ address: String) { addresses[address]?.failures = 0 }

  /// Forgets, once in every ``Limits/blockSeconds``, the failures that no longer count.
  private mutating func sweep(at time: Double) {
    guard time >= nextSweep else { return }
    nextSweep = time + max(1, limits.blockSeconds)
    addresses = addresses.filter {
      $0.value.open > 0 || time - $0.value.lastFailure < limits.blockSeconds
    }
  }
}
