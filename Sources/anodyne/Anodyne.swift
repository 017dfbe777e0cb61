// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The one command-line program.

import ArgumentParser

@main
struct Anodyne: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anodyne", abstract: "Battery safety from cell physics to the fleet.")
}
