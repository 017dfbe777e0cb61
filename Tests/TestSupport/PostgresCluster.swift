// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of the tests' own, in a temporary folder, behind a socket in that folder.

public import Foundation

/// A PostgreSQL server of the tests' own, in a temporary folder, behind a socket in that folder.
///
/// A small shell process stops the server and removes the folder when this process ends, however it
/// ends. The server runs as the user `postgres` when the tests run as root, which it refuses to.
public final class PostgresCluster: Sendable {
  /// What went wrong.
  public struct Failure: Error, CustomStringConvertible {
    /// The program's words.
    public let description: String

    /// States what went wrong.
    public init(description: String) { self.description = description }
  }

  /// Folder of the server's programs; nil if they are not installed.
  public static let programs: URL? = {
    let manager = FileManager.default
    let versions = "/usr/lib/postgresql"
    let packaged = ((try? manager.contentsOfDirectory(atPath: versions)) ?? [])
      .sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(versions)/\($0)/bin" }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return (packaged + path.split(separator: ":").map(String.init))
      .first { manager.isExecutableFile(atPath: $0 + "/initdb") }.map { URL(fileURLWithPath: $0) }
  }()

  /// Why tests are skipped where ``programs`` is nil.
  public static let absence =
    "the PostgreSQL server is not installed (Debian package postgresql; Scripts/setup.sh test)"

  /// One server for the tests of a process that need no server of their own; nil if not installed.
  public static let shared: PostgresCluster? = try? PostgresCluster(
    settings: ["max_connections": "300"])

  /// Folder of the server: data, socket and log.
  public let folder: URL
  private let data: String
  private let watch: Process
  private let pipe = Pipe()

  private init(empty: Void) throws {
    // The path of a socket may have some hundred characters.
    folder = URL(fileURLWithPath: "/tmp/anodyne-pg-\(UUID().uuidString.prefix(8))")
    data = folder.path + "/data"
    watch = Process()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if getuid() == 0 { _ = try Self.call("/bin/chown", ["postgres", folder.path]) }
    watch.executableURL = URL(fileURLWithPath: "/bin/sh")
    watch.arguments = [
      "-c",
      """
      cat >/dev/null
      pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
      for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
      rm -rf "$1"
      """, "sh", folder.path,
    ]
    watch.standardInput = pipe
    watch.standardOutput = FileHandle.nullDevice
    watch.standardError = FileHandle.nullDevice
    try watch.run()
  }

  /// Makes and starts a server.
  ///
  /// - Parameter settings: Lines for its configuration.
  /// - Throws: ``Failure`` with the words of the server.
  public convenience init(settings: [String: String] = [:]) throws {
    try self.init(empty: ())
    _ = try run("initdb", ["-D", data, "-A", "trust", "-U", "anodyne", "--no-sync", "-E", "UTF8"])
    try configure(settings)
    try start()
  }

  /// Makes and starts a standby of a running server, by copying it.
  ///
  /// - Parameters:
  ///   - primary: What it follows.
  ///   - name: Its name in the primary's `synchronous_standby_names`.
  /// - Throws: ``Failure`` with the words of the server.
  public convenience init(standbyOf primary: PostgresCluster, name: String) throws {
    try self.init(empty: ())
    _ = try run(
      "pg_basebackup",
      [
        "-D", data, "-R", "-c", "fast", "--no-sync",
        "-d", "host=\(primary.folder.path) user=anodyne application_name=\(name)",
      ])
    try start()
  }

  /// Address of a database of this server, and of others behind it.
  ///
  /// - Parameters:
  ///   - database: Name; `postgres` always is there.
  ///   - others: Servers that may take over.
  ///   - options: What stands behind the address.
  /// - Returns: The address.
  public func address(
    _ database: String = "postgres", or others: [PostgresCluster] = [], options: String = ""
  ) -> String {
    let hosts = ([self] + others).map(\.folder.path).joined(separator: ",")
    return "postgresql://anodyne@/\(database)?host=\(hosts)\(options)"
  }

  /// Adds lines to the configuration; they count from the next start or ``reload()``.
  public func configure(_ settings: [String: String]) throws {
    var lines = "listen_addresses = ''\nunix_socket_directories = '\(folder.path)'\n"
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      lines += "\(name) = '\(value)'\n"
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: data + "/postgresql.conf"))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(lines.utf8))
  }

  /// Starts the server and waits until it answers.
  public func start() throws {
    // A copied folder names the socket of the server it was copied from.
    _ = try run(
      "pg_ctl",
      [
        "start", "-w", "-t", "60", "-s", "-D", data, "-l", folder.path + "/log", "-o",
        "-k \(folder.path)",
      ])
  }

  /// Reads the configuration again.
  public func reload() throws { _ = try run("pg_ctl", ["reload", "-s", "-D", data]) }

  /// Makes a standby the primary and waits until it is.
  public func promote() throws {
    _ = try run("pg_ctl", ["promote", "-w", "-t", "60", "-s", "-D", data])
  }

  /// Stops the server in order.
  public func stop() throws {
    _ = try run("pg_ctl", ["stop", "-w", "-m", "fast", "-s", "-D", data])
  }

  /// Kills the server at once.
  ///
  /// - Parameter children: Whether its processes are killed with it, as when a machine dies; else
  ///   they end by themselves when they notice.
  public func kill(children: Bool = true) {
    guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8),
      let pid = text.split(separator: "\n").first.flatMap({ pid_t($0) })
    else { return }
    let members = children ? Self.children(of: pid) : []
    for process in [pid] + members { _ = Foundation.kill(process, SIGKILL) }
  }

  private static func children(of parent: pid_t) -> [pid_t] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { pid_t($0) }.filter { pid in
      guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let rest = stat.split(separator: ")").last
      else { return false }
      let fields = rest.split(separator: " ")
      return fields.count > 1 && pid_t(fields[1]) == parent
    }
  }

  /// Runs SQL with `psql` and returns what it prints, without headings.
  public func query(_ sql: String, database: String = "postgres") throws -> String {
    try run(
      "psql",
      ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, address(database)]
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // MARK: - Programs

  private func run(_ name: String, _ arguments: [String]) throws -> String {
    guard let programs = Self.programs else { throw Failure(description: Self.absence) }
    let program = programs.appending(path: name).path
    if getuid() != 0 { return try Self.call(program, arguments) }
    return try Self.call(
      "/usr/bin/env",
      ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program] + arguments)
  }

  /// Runs a program.
  ///
  /// A server that it starts keeps whatever it inherits: the output goes into a file, and other open
  /// files, by which `Process` sees the end of its child, are closed first.
  private static func call(_ program: String, _ arguments: [String]) throws -> String {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "anodyne-pg-\(UUID().uuidString).out")
    defer { try? FileManager.default.removeItem(at: output) }
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let handle = try FileHandle(forWritingTo: output)
    defer { try? handle.close() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let closing = """
      (for file in /dev/fd/*; do
        number=${file##*/}; [ "$number" -gt 2 ] && eval "exec $number>&-"
      done 2>/dev/null; exec "$@")
      """
    process.arguments = ["bash", "-c", closing, "bash", program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program) \(arguments.first ?? ""): \(text)")
    }
    return text
  }
}
