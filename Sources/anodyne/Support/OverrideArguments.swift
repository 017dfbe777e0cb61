// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values of the command line that replace those of a file.

import ArgumentParser

/// `--set key.path=value`, as often as wanted.
struct OverrideArguments: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Replace a value of the file; may be repeated.", valueName: "key.path=value"))
  var words: [String] = []

  func validate() throws {
    for word in words where word.firstIndex(of: "=") ?? word.startIndex == word.startIndex {
      throw ValidationError("--set takes key.path=value, not '\(word)'.")
    }
  }

  /// Paths and values.
  var pairs: [(path: String, value: String)] {
    words.map { word in
      let sign = word.firstIndex(of: "=") ?? word.endIndex
      return (String(word[..<sign]), String(word[sign...].dropFirst()))
    }
  }
}
