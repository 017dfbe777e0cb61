// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Damaged, locked, newer, read-only and full stores give one clear error each.

import Foundation
import GRDB
import TelemetryStore
import Testing

@Suite struct StoreFailureTests {
  @Test func `a second opening is refused and the message says so`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    #expect(throws: StoreError.self) { _ = try TelemetryStore(folder: folder.url) }
    do {
      _ = try TelemetryStore(folder: folder.url)
    } catch {
      guard case .inUse = error else { throw error }
      #expect(error.description.contains("another process"))
    }
    try await store.close()
  }

  @Test func `a closed store refuses everything`() async throws {
    let folder = try TemporaryFolder()
    let store = try TelemetryStore(folder: folder.url)
    try await store.close()
    await #expect(throws: StoreError.closed) { _ = try await store.append([frame(at: 1)]) }
    await #expect(throws: StoreError.closed) { _ = try await store.frameCount() }
    await #expect(throws: StoreError.closed) { _ = try await store.vehicles() }
    await #expect(throws: StoreError.closed) { _ = try await store.identities(withFramesAfter: 0) }
    await #expect(throws: StoreError.self) { _ = try await store.snapshot(of: "x") }
  }

  @Test func `a file that is no database is reported as damaged`() throws {
    let folder = try TemporaryFolder()
    try Data(repeating: 0x41, count: 8192).write(
      to: folder.url.appending(path: "telemetry.sqlite"))
    #expect { _ = try TelemetryStore(folder: folder.url) } throws: { error in
      guard case StoreError.corrupt = error else { return false }
      return true
    }
  }

  @Test func `a store of a newer version is refused`() async throws {
    let folder = try TemporaryFolder()
    try await TelemetryStore(folder: folder.url).close()
    let queue = try DatabaseQueue(path: folder.url.appending(path: "telemetry.sqlite").path)
    try await queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations(identifier) VALUES ('99 from the future')")
    }
    try queue.close()
    #expect { _ = try TelemetryStore(folder: folder.url) } throws: { error in
      guard case StoreError.tooNew = error else { return false }
      return true
    }
  }

  @Test func `a folder that cannot be made is named`() {
    let place = URL(fileURLWithPath: "/dev/null/store")
    #expect { _ = try TelemetryStore(folder: place) } throws: { error in
      guard case StoreError.cannotOpen = error else { return false }
      return "\(error)".contains("/dev/null/store")
    }
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root"))
  func `a full disk is reported, keeps what was acknowledged, and recovers`() async throws {
    let disk = try SmallDisk(megabytes: 2)
    defer { disk.unmount() }
    let store = try TelemetryStore(folder: disk.folder.url)
    var stored = 0
    var failure: StoreError?
    for time in 0..<4_000 where failure == nil {
      do {
        _ = try await store.append([
          frame(at: Int64(time), unit: [UInt8](repeating: UInt8(time % 251), count: 2_000))
        ])
        stored += 1
      } catch {
        failure = error
      }
    }
    guard case .diskFull = failure else {
      Issue.record("expected a full disk, got \(String(describing: failure))")
      return
    }
    #expect(stored > 0)
    #expect(try await store.frameCount() == stored)
    try disk.grow(toMegabytes: 8)
    _ = try await store.append([frame(at: 1_000_000)])
    #expect(try await store.frameCount() == stored + 1)
    try await store.close()
  }
}

/// A small file system in memory.
struct SmallDisk {
  let folder: TemporaryFolder

  static var isAvailable: Bool {
    guard getuid() == 0, let probe = try? SmallDisk(megabytes: 1) else { return false }
    probe.unmount()
    return true
  }

  init(megabytes: Int) throws {
    folder = try TemporaryFolder()
    try Self.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.url.path])
  }

  func grow(toMegabytes megabytes: Int) throws {
    try Self.run(["mount", "-o", "remount,size=\(megabytes)m", folder.url.path])
  }

  func makeReadOnly() throws { try Self.run(["mount", "-o", "remount,ro", folder.url.path]) }

  func unmount() { try? Self.run(["umount", "-l", folder.url.path]) }

  private static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.fileWriteUnknown) }
  }
}
