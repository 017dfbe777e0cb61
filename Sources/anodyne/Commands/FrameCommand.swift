// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne frame: decode, encode and split GB/T 32960 frames.

import ArgumentParser

/// Decodes, encodes and splits GB/T 32960 frames.
struct FrameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frame",
    abstract: "Decode, encode and split GB/T 32960 frames, editions 2016 and 2025.",
    discussion: """
      Example:
        anodyne frame split <stream.bin | anodyne frame decode | anodyne frame encode

      Docs/frames.md lists the members of the JSON objects; Docs/schema/frame.schema.json is their \
      schema.
      """,
    subcommands: [FrameDecodeCommand.self, FrameEncodeCommand.self, FrameSplitCommand.self])
}
