// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the measured data sets are, for tests that need them.

public import Foundation

/// Finds the measured data sets, which are not part of the repository.
public enum Datasets {
  /// The folder named by `ANODYNE_DATASETS`, else `../shared/datasets` beside the checkout.
  public static var root: URL {
    if let path = ProcessInfo.processInfo.environment["ANODYNE_DATASETS"], !path.isEmpty {
      return URL(fileURLWithPath: path)
    }
    return repositoryRoot.deletingLastPathComponent().appending(path: "shared/datasets")
  }

  /// The root of the repository, found from this file's place in it.
  public static var repositoryRoot: URL {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// A file of the data sets.
  ///
  /// - Parameter path: Path below the root, for example `nasa_pcoe/discharge_csv/B0005.csv`.
  /// - Returns: The location, whether or not the file is there.
  public static func file(_ path: String) -> URL { root.appending(path: path) }

  /// Whether a file of the data sets is there; tests that need it are enabled by this.
  public static func has(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: file(path).path)
  }

  /// The comment of a skipped test.
  public static let skipMessage =
    "data set absent: set ANODYNE_DATASETS to the folder that holds it"
}
