// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A safety report as data: what the JSON holds and the page shows.

import BatteryDomain

/// A safety report as data: what the JSON holds and the page shows.
///
/// The JSON form uses snake_case keys and is described by `Docs/schema/report.schema.json`.
/// Times are seconds since the Unix epoch, values are coherent SI unless a key or a unit field
/// names another unit, and a value that is unknown is `null` or left out. The order of every list
/// is defined, so the same inputs give the same bytes.
public struct ReportDocument: Codable, Sendable {
  /// The version of the JSON form that this software writes.
  ///
  /// It grows when a key changes its meaning or goes away; new keys leave it as it is.
  public static let currentSchemaVersion = 1

  /// Version of the JSON form.
  public var schemaVersion: Int
  /// The program that wrote the report.
  public var generator: Generator
  /// When the report was written, in seconds since the Unix epoch; nil for a reproducible report.
  public var generatedAt: Double?
  /// What to do first, in a sentence.
  public var headline: Headline
  /// How many findings there are of each severity.
  public var counts: FindingCounts
  /// All findings of all inputs, the most urgent first.
  public var findings: [RankedFinding]
  /// The analysed files in the order of the call.
  public var inputs: [Input]
  /// The files that could not be analysed, in the order of the call.
  public var failures: [Failure]
  /// The methods behind the numbers, with their sources.
  public var methods: [MethodNote]
  /// What the report must not be taken for.
  public var notice: String
}
