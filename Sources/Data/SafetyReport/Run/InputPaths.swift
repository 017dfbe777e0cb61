// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From the paths of a call to the files to analyse.

import Foundation

/// The files behind the paths of a call.
struct InputPaths: Sendable {
  /// A file to analyse.
  struct File: Sendable, Hashable {
    /// The path as it is shown.
    var path: String
    /// Whether the call named the file itself, not a folder above it.
    var isNamed: Bool
    /// Size in bytes, 0 if unknown; only for progress.
    var size: Int
  }

  /// The files in the order of the call; those of a folder by name.
  private(set) var files: [File] = []
  /// Folders that hold no file to try.
  private(set) var emptyFolders: [String] = []

  /// Endings of files that are no measurements; below a folder they are passed over.
  private static let otherEndings: Set<String> = [
    "md", "html", "htm", "json", "jsonl", "png", "jpg", "jpeg", "gif", "svg", "pdf", "doc", "docx",
    "ppt", "pptx", "py", "ipynb", "swift", "m", "r", "c", "h", "cpp", "sh", "log", "yml", "yaml",
    "toml", "xml", "sqlite", "db", "pkl", "pt", "onnx", "exe", "dll", "so",
  ]

  /// Lists the files of paths; folders are searched through, without hidden files and without
  /// following links to folders.
  ///
  /// A file that is named twice is analysed once.
  init(_ paths: [String]) {
    var seen: Set<String> = []
    func add(_ path: String, isNamed: Bool) -> Bool {
      let url = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
      guard seen.insert(url.path).inserted else { return false }
      let size = (try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0
      files.append(File(path: path, isNamed: isNamed, size: size))
      return true
    }
    for path in paths {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard exists, isFolder.boolValue else {
        // A path that does not exist is kept: opening it says what is wrong.
        _ = add(path, isNamed: true)
        continue
      }
      let root = path.hasSuffix("/") ? String(path.dropLast()) : path
      let members = Self.members(of: path).map { "\(root)/\($0)" }
      for member in members { _ = add(member, isNamed: false) }
      if members.isEmpty { emptyFolders.append(path) }
    }
  }

  private static func members(of folder: String) -> [String] {
    let walker = FileManager.default.enumerator(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: [.isRegularFileKey],
      options: [.skipsHiddenFiles])
    // The walker's own URLs may go through links; depth below the root is what counts.
    let root = URL(fileURLWithPath: folder).standardizedFileURL.pathComponents.count
    var result: [String] = []
    while let url = walker?.nextObject() as? URL {
      guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
        !otherEndings.contains(url.pathExtension.lowercased())
      else { continue }
      let parts = url.standardizedFileURL.pathComponents.dropFirst(root)
      result.append(parts.joined(separator: "/"))
    }
    return result.sorted()
  }
}
