// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The commands of one connection that its vehicle has not answered yet.

import NIOCore
import TelemetryCodec

/// The commands of one connection that its vehicle has not answered yet.
///
/// The time of a command comes back in its answer, so a late answer is not taken for the next
/// command's; an answer without a time belongs to the oldest command of its kind.
struct OpenCommands {
  /// A command under way.
  private struct Open {
    var number: Int
    var command: Command
    var time: WireTime
    var promise: EventLoopPromise<Frame>
    var timer: Scheduled<Void>?
  }

  /// Commands that may be under way at one time.
  private static let limit = 16

  private var open: [Open] = []
  private var lastNumber = 0

  /// Whether another command may be sent.
  var hasRoom: Bool { open.count < Self.limit }

  /// Enters a command.
  ///
  /// - Returns: Its number, for ``setTimer(_:of:)`` and ``expire(_:after:)``.
  mutating func add(
    _ command: Command, at time: WireTime, _ promise: EventLoopPromise<Frame>
  ) -> Int {
    lastNumber += 1
    open.append(Open(number: lastNumber, command: command, time: time, promise: promise))
    return lastNumber
  }

  /// Names the timer that is to be stopped by an answer.
  mutating func setTimer(_ timer: Scheduled<Void>, of number: Int) {
    guard let place = open.firstIndex(where: { $0.number == number }) else { return }
    open[place].timer = timer
  }

  /// Takes an answer; one that no command waits for is dropped.
  mutating func answered(_ answer: Frame) {
    let place = open.firstIndex {
      $0.command == answer.command && (answer.time == nil || answer.time == $0.time)
    }
    guard let place else { return }
    let command = open.remove(at: place)
    command.timer?.cancel()
    command.promise.succeed(answer)
  }

  /// Gives a command up.
  mutating func expire(_ number: Int, after seconds: Double) {
    guard let place = open.firstIndex(where: { $0.number == number }) else { return }
    open.remove(at: place).promise.fail(GatewayError.noAnswer(seconds: seconds))
  }

  /// Gives all commands up: the vehicle is gone.
  mutating func failAll() {
    let gone = open
    open = []
    for command in gone {
      command.timer?.cancel()
      command.promise.fail(GatewayError.notConnected)
    }
  }
}
