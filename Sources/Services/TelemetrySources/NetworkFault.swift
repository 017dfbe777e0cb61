// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Network errors in words, time limits of answers.

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Errors of the network in words.
enum NetworkFault {
  /// Whether an error means that the connection is gone, so that another may be tried.
  static func isLoss(_ error: any Error) -> Bool {
    error is IOError || error is ChannelError || error is NIOSSLError || error is BoringSSLError
      || error is NIOSSLExtraError
  }

  /// What an error of SwiftNIO says, without its wrapping.
  static func text(of error: any Error) -> String {
    if let error = error as? NIOConnectionError {
      if let first = error.connectionErrors.first { return text(of: first.error) }
      return error.dnsAError != nil || error.dnsAAAAError != nil
        ? "the name \(error.host) is not known" : "no address"
    }
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
    if let error = error as? ChannelError {
      switch error {
      case .connectTimeout: return "no answer"
      case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed:
        return "the other side closed the connection"
      default: break
      }
    }
    return String(describing: error)
  }
}

/// Closes a channel when an answer does not come in time; nothing else ends a wait for it.
final class Deadline: Sendable {
  private let passed: Flag
  private let timer: Scheduled<Void>

  init(channel: any Channel, after time: TimeAmount) {
    let flag = Flag()
    passed = flag
    timer = channel.eventLoop.scheduleTask(in: time) { [channel] in
      flag.value.store(true, ordering: .releasing)
      channel.close(promise: nil)
    }
  }

  /// Whether the time is over.
  var hasPassed: Bool { passed.value.load(ordering: .acquiring) }

  /// Ends the watch.
  func cancel() { timer.cancel() }

  private final class Flag: Sendable {
    let value = Atomic(false)
  }
}

/// Keeps the first error of a channel: later ones follow from it.
final class FirstFault: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let kept = Mutex<(any Error)?>(nil)

  /// The error; nil while there was none.
  var error: (any Error)? { kept.withLock { $0 } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    kept.withLock { if $0 == nil { $0 = error } }
    context.fireErrorCaught(error)
  }
}
