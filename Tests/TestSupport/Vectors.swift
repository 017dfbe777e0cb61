// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The reference frames of the vehicle protocol.

public import Foundation

/// The reference frames: beside the data sets, not part of the repository.
public enum Vectors {
  /// The file.
  public static let file = Datasets.root.deletingLastPathComponent()
    .appending(path: "spec/gbt32960-vectors.json")
  /// Whether the file is there.
  public static let isThere = FileManager.default.fileExists(atPath: file.path)
  /// Its content; null without the file.
  public static let all: JSONValue =
    (try? JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))) ?? .null
  /// One of its lists: `vectors`, `invalid`, `streams`.
  public static func named(_ key: String) -> [JSONValue] { all[key]?.array ?? [] }
}
