// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A headless browser, for tests that walk the pages.

public import Foundation

/// A headless Chromium, for tests that walk the pages.
public enum Browser {
  /// What a page became after its scripts ran.
  public struct Page: Sendable {
    /// The final document as HTML.
    public let document: String
    /// Lines that scripts and the browser wrote to the console.
    public let console: [String]
  }

  /// The comment of a skipped test.
  public static let skipMessage = "no chromium command on PATH: run make setup"

  /// The browser named by `ANODYNE_CHROMIUM`, else the first known one on `PATH`.
  public static let executable: URL? = {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["ANODYNE_CHROMIUM"], !path.isEmpty {
      return URL(fileURLWithPath: path)
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    for folder in (environment["PATH"] ?? "").split(separator: ":") {
      for name in names {
        let candidate = URL(fileURLWithPath: String(folder)).appending(path: name)
        if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      }
    }
    return nil
  }()

  /// The chart library named by `ANODYNE_PLOTLY`, else the one that the set-up has brought.
  public static var chartLibrary: URL? {
    let named = ProcessInfo.processInfo.environment["ANODYNE_PLOTLY"].map {
      URL(fileURLWithPath: $0)
    }
    let brought = Datasets.repositoryRoot.appending(path: ".tools/plotly/plotly.min.js")
    return [named, brought].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }

  /// Opens a page, lets its scripts run, and returns what it became.
  ///
  /// - Parameters:
  ///   - page: Location of the page.
  ///   - seconds: How much page time passes; waiting is skipped over, so it costs little.
  ///   - isDark: Whether the dark theme is preferred.
  /// - Returns: The final document and the console.
  /// - Throws: An error of Foundation if the browser cannot be started.
  public static func open(_ page: URL, seconds: Int = 15, isDark: Bool = false) throws -> Page {
    let outcome = try run(
      ["--dump-dom", "--enable-logging=stderr"] + theme(isDark)
        + ["--virtual-time-budget=\(seconds * 1000)", page.absoluteString])
    let console = outcome.errors.split(separator: "\n").map(String.init)
      .filter { $0.contains("CONSOLE") }
    return Page(document: outcome.output, console: console)
  }

  /// Takes a picture of a page.
  ///
  /// - Parameters:
  ///   - page: Location of the page.
  ///   - file: Where the PNG goes.
  ///   - width: Width of the window in CSS pixels.
  ///   - height: Height of the window in CSS pixels.
  ///   - isDark: Whether the dark theme is preferred.
  /// - Throws: An error of Foundation if the browser cannot be started.
  public static func picture(
    of page: URL, to file: URL, width: Int = 1280, height: Int = 900, isDark: Bool = false
  ) throws {
    _ = try run(
      ["--screenshot=\(file.path)", "--hide-scrollbars", "--window-size=\(width),\(height)"]
        + theme(isDark) + ["--virtual-time-budget=15000", page.absoluteString])
  }

  /// Prints a page to PDF.
  ///
  /// - Parameters:
  ///   - page: Location of the page.
  ///   - file: Where the PDF goes.
  /// - Throws: An error of Foundation if the browser cannot be started.
  public static func print(_ page: URL, to file: URL) throws {
    _ = try run(
      [
        "--print-to-pdf=\(file.path)", "--no-pdf-header-footer", "--virtual-time-budget=15000",
        page.absoluteString,
      ])
  }

  private static func theme(_ isDark: Bool) -> [String] {
    isDark ? ["--blink-settings=preferredColorScheme=0"] : []
  }

  private static func run(_ arguments: [String]) throws -> Program.Outcome {
    guard let executable else { throw CocoaError(.fileNoSuchFile) }
    return try Program.withTemporaryFolder { profile in
      // No sandbox: containers and root have none to give; the pages are our own.
      try Program.run(
        executable,
        ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
          + ["--no-first-run", "--user-data-dir=\(profile.path)"] + arguments)
    }
  }
}
