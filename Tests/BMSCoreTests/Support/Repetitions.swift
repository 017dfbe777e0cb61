// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How often tests repeat themselves: few times in debug, where the core is not specialised.

import Foundation

/// Few repetitions in debug builds, all of them in release runs.
enum Repetitions {
  /// Whether `ANODYNE_RELEASE_TESTS=1` asks for the long forms.
  static let isLong = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"

  /// `short` in debug, `long` in release runs.
  static func of<Count>(_ short: Count, long: Count) -> Count { isLong ? long : short }
}
