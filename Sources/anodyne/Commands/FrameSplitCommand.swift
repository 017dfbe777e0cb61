// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne frame split: a raw byte stream in, one hexadecimal frame a line out.

import ArgumentParser
import BatteryFiles
import Foundation
import FrameText
import TelemetryCodec

/// Splits a byte stream into frames.
struct FrameSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Split a raw byte stream into frames, one in hexadecimal a line.",
    discussion: """
      Examples:
        anodyne frame split <capture.bin
        anodyne frame split capture.bin | anodyne frame decode

      Noise, damaged and cut frames and both editions in one stream are allowed: a place counts as \
      the start of a frame when header, length and check byte fit. What was passed over is told on \
      the standard error stream with its offset, and counted at the end.

      Exit codes: 0 also when bytes were passed over, 64 wrong usage, 65 no frame found, 66 FILE \
      cannot be read, 74 output failed.
      """)

  @Argument(help: "File with raw bytes; the standard input without it.", completion: .file())
  var file: String?

  @Option(help: ArgumentHelp("Longest data unit to believe, in bytes.", valueName: "bytes"))
  var maximumUnit = Frame.longestUnit

  @Flag(name: .shortAndLong, help: "Do not tell what was passed over.")
  var quiet = false

  func validate() throws {
    guard (0...Frame.longestUnit).contains(maximumUnit) else {
      throw ValidationError("--maximum-unit is from 0 to \(Frame.longestUnit).")
    }
  }

  func run() throws {
    let input: FileHandle
    if let file {
      guard let handle = FileHandle(forReadingAtPath: file) else {
        StandardError.write("anodyne: \(file) cannot be read\n")
        throw ExitStatus.unreadableInput.exitCode
      }
      input = handle
    } else {
      input = .standardInput
    }
    var splitter = StreamSplitter(maximumUnit: maximumUnit, quiet: quiet)
    var output = LineWriter()
    do {
      while let chunk = try input.read(upToCount: 65_536), !chunk.isEmpty {
        try splitter.feed(chunk, &output)
      }
    } catch let exit as ExitCode { throw exit } catch {
      StandardError.write("anodyne: reading failed: \(error.localizedDescription)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    try splitter.finish(&output)
    try output.finish()
    if splitter.frameCount == 0 { throw ExitStatus.badData.exitCode }
  }
}

/// A stream decoder that tells what it passes over.
private struct StreamSplitter {
  private var decoder: FrameDecoder
  private let quiet: Bool
  private var offset = 0
  private var told = 0
  private var skipStart: Int?

  var frameCount: Int { decoder.frameCount }

  init(maximumUnit: Int, quiet: Bool) {
    decoder = FrameDecoder(maximumUnitLength: maximumUnit)
    self.quiet = quiet
  }

  mutating func feed(_ bytes: Data, _ output: inout LineWriter) throws {
    decoder.append(bytes)
    try drain(&output)
  }

  private mutating func drain(_ output: inout LineWriter) throws {
    while let frame = decoder.next() {
      tellSkipped()
      offset += Frame.overheadByteCount + frame.unit.count
      do {
        try output.write(Hexadecimal.text(of: try frame.encoded()))
      } catch let error as CodecError {
        StandardError.write("anodyne: \(CodecErrorText.message(error))\n")
      }
    }
  }

  /// Gives up what never became a frame, and finds the frames behind it.
  mutating func finish(_ output: inout LineWriter) throws {
    while decoder.pendingByteCount > 0 {
      decoder.dropStalled()
      try drain(&output)
    }
    tellSkipped()
    guard !quiet else { return }
    StandardError.write(
      "anodyne: \(decoder.frameCount) frames, \(decoder.discardedByteCount) bytes passed over, "
        + "\(decoder.checksumFailureCount) places with a wrong check byte, "
        + "\(decoder.oversizedCount) with a length beyond the limit\n")
  }

  private mutating func tellSkipped() {
    let skipped = decoder.discardedByteCount - told
    guard skipped > 0 else { return }
    if !quiet { StandardError.write("anodyne: offset \(offset): \(skipped) bytes passed over\n") }
    offset += skipped
    told = decoder.discardedByteCount
  }
}
