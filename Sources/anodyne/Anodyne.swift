// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The one command-line program: a thin subcommand per capability.

import ArgumentParser
import BatteryDomain

@main
struct Anodyne: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anodyne",
    abstract: "Battery safety from cell physics to the fleet.",
    discussion: """
      Example:
        anodyne analyze car2.csv B0005.csv --report report.html --json report.json

      Exit codes: 0 all well, 64 wrong usage, 65 bad data, 66 unreadable input, 69 service \
      unavailable, 70 internal error, 73 cannot create output, 74 input/output error.

      \(ProductVersion.notice)
      """,
    version: ProductVersion.current,
    // One line a subcommand, in the order in which a newcomer needs them.
    subcommands: [
      InspectCommand.self, Analyze.self, ConvertCommand.self, SimulateCommand.self,
      ParametersCommand.self, IdentifyCommand.self, AbuseCommand.self,
      PackCommand.self, BMSCommand.self, TestbedCommand.self, Serve.self, FleetCommand.self,
      FrameCommand.self, GatewayCommand.self, CANCommand.self, ModbusCommand.self,
      MQTTCommand.self, StoreCommand.self,
    ])
}
