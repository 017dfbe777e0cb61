// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the chart library is, so that a page can carry it inside itself.

public import Foundation

/// Finds `plotly.min.js`, which the set-up takes out of its PyPI wheel.
///
/// The page embeds the library, so a report works offline and keeps working. The library is not
/// part of the repository; without it the page is written with its tables alone.
public enum PlotlyLibrary {
  /// The environment variable that names the file directly.
  public static let environmentVariable = "ANODYNE_PLOTLY"

  /// The command that brings the library.
  public static let remedy =
    "run `make setup` in the source folder, or name the file in \(environmentVariable)"

  /// The library's file, or nil.
  ///
  /// Looks at `ANODYNE_PLOTLY` first, then for `.tools/plotly/plotly.min.js` and
  /// `share/anodyne/plotly.min.js` in the folder of the program and each folder above it. The
  /// working folder is not searched: a report must not embed a script that lies about by chance.
  ///
  /// - Parameters:
  ///   - environment: The environment, by default that of the process.
  ///   - program: The program's file, by default the running one.
  /// - Returns: The file, or nil where none of these places holds a readable one.
  public static func locate(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    program: URL? = Bundle.main.executableURL
  ) -> URL? {
    if let named = environment[environmentVariable], !named.isEmpty {
      let url = URL(fileURLWithPath: named)
      return isReadable(url) ? url : nil
    }
    guard var folder = program?.resolvingSymlinksInPath().deletingLastPathComponent() else {
      return nil
    }
    while true {
      for place in [".tools/plotly/plotly.min.js", "share/anodyne/plotly.min.js"] {
        let candidate = folder.appending(path: place)
        if isReadable(candidate) { return candidate }
      }
      let parent = folder.deletingLastPathComponent()
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }

  /// The text of the library, or nil if it is absent, unreadable or could not stand inside an
  /// HTML script element.
  public static func load(from url: URL? = locate()) -> String? {
    guard let url, let text = try? String(contentsOf: url, encoding: .utf8), !text.isEmpty,
      text.range(of: "</script", options: .caseInsensitive) == nil
    else { return nil }
    return text
  }

  private static func isReadable(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && !isFolder.boolValue && FileManager.default.isReadableFile(atPath: url.path)
  }
}
