// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne fleet`: what concerns the link between vehicles and the gateway.

import ArgumentParser

/// `anodyne fleet`: what concerns the link between vehicles and the gateway.
struct FleetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "Send recorded or simulated vehicles to a gateway.",
    subcommands: [FleetReplay.self, FleetSimulate.self, FleetCheck.self])
}
