// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Addresses as people write them: host, port, brackets around version 6.

import ArgumentParser
import Foundation

/// An address as people write it: `10.0.0.5:502`, `bess.local`, `[fe80::1]:32960`.
struct HostAddress: ExpressibleByArgument, Hashable {
  /// Name or address, without brackets.
  let host: String
  /// Port; nil where none is written.
  let port: Int?

  /// Reads an address; nil when it is none.
  init?(argument: String) {
    let brackets = CharacterSet(charactersIn: "[]")
    let colons = argument.count { $0 == ":" }
    // An address of version 6 needs its brackets before a port.
    guard let colon = argument.lastIndex(of: ":"), colons == 1 || argument.contains("]:") else {
      host = argument.trimmingCharacters(in: brackets)
      port = nil
      if host.isEmpty { return nil }
      return
    }
    guard let port = Int(argument[argument.index(after: colon)...]),
      (1...65_535).contains(port), colon > argument.startIndex
    else { return nil }
    host = argument[..<colon].trimmingCharacters(in: brackets)
    self.port = port
    if host.isEmpty { return nil }
  }

  /// The address with a port that must be written.
  ///
  /// - Throws: `ValidationError` naming the option.
  func withPort(_ option: String) throws -> (host: String, port: Int) {
    guard let port else {
      throw ValidationError("\(option) must be HOST:PORT, for example 127.0.0.1:32960.")
    }
    return (host, port)
  }
}
