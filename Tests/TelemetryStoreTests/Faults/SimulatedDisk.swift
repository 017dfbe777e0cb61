// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A disk that forgets what was not synced, and fails on demand.

import Foundation
import Synchronization
import TelemetryStore
import TestSupport

/// A disk that forgets what was not synced, and fails on demand.
///
/// Bytes live in sectors of 512. When the power fails, each sector written since the last sync of
/// its file is the old or the new one at random, the length likewise, and of the names changed
/// since the last sync of their folder a random number of the first changes is kept.
final class SimulatedDisk: StoreFiles {
  /// What goes wrong, and at which of the coming operations (1 is the next).
  enum Fault: Sendable {
    /// The power fails in the middle of the operation.
    case power(at: Int)
    /// A sync fails; what it should have written is lost, as on Linux.
    case sync(at: Int)
    /// The disk is full: a write ends half way.
    case full(at: Int)
  }

  private static let sector = 512

  private final class Node {
    var live: [UInt8] = []
    var durable: [UInt8] = []
    var dirty: Set<Int> = []
  }

  private enum NameChange {
    case put(String, Node)
    case drop(String)
  }

  private struct State {
    var names: [String: Node] = [:]
    var durableNames: [String: Node] = [:]
    var changes: [NameChange] = []
    var operation = 0
    var fault: Fault?
    var isOff = false
    var shortWrites = false
    var random: Seeded
  }

  private let state: Mutex<State>
  /// False makes syncs do nothing, as a store without them would.
  private let syncs: Bool

  init(seed: UInt64, syncs: Bool = true) {
    state = Mutex(State(random: Seeded(seed)))
    self.syncs = syncs
  }

  /// Arms a fault, counting operations from now.
  func arm(_ fault: Fault?, shortWrites: Bool = false) {
    state.withLock { state in
      state.operation = 0
      state.fault = fault
      state.shortWrites = shortWrites
    }
  }

  /// Operations since the fault was armed.
  var operations: Int { state.withLock { $0.operation } }

  /// Cuts the power, if it is not off already, and starts again with what the disk kept.
  func restart() {
    state.withLock { state in
      let kept = Int.random(in: 0...state.changes.count, using: &state.random)
      for change in state.changes.prefix(kept) { Self.apply(change, to: &state.durableNames) }
      var seen: [ObjectIdentifier: Node] = [:]
      for node in state.names.values { seen[ObjectIdentifier(node)] = node }
      for node in state.durableNames.values { seen[ObjectIdentifier(node)] = node }
      // In the order of names, so that a seed always gives the same.
      let order = state.durableNames.sorted { $0.key < $1.key }.map(\.value)
      for node in order { Self.crash(node, &state.random) }
      state.names = state.durableNames
      state.changes = []
      state.isOff = false
      state.fault = nil
      state.operation = 0
    }
  }

  private static func apply(_ change: NameChange, to names: inout [String: Node]) {
    switch change {
    case .put(let path, let node): names[path] = node
    case .drop(let path): names[path] = nil
    }
  }

  private static func crash(_ node: Node, _ random: inout Seeded) {
    var kept = node.durable
    if Bool.random(using: &random) {
      kept = Array(kept.prefix(node.live.count))
      kept += [UInt8](repeating: 0, count: node.live.count - kept.count)
    }
    for sector in node.dirty.sorted() where Bool.random(using: &random) {
      let start = sector * self.sector
      let end = min(start + self.sector, node.live.count, kept.count)
      if start < end { kept.replaceSubrange(start..<end, with: node.live[start..<end]) }
    }
    node.durable = kept
    node.live = kept
    node.dirty = []
  }

  /// Counts an operation; throws what is armed for it.
  private func step(
    _ state: inout State, _ operation: String, _ path: String
  ) throws(FileFault) -> Fault? {
    if state.isOff { throw FileFault(operation: operation, path: path, code: EIO) }
    state.operation += 1
    switch state.fault {
    case .power(let at) where at == state.operation:
      state.isOff = true
      return state.fault
    case .sync(let at) where at <= state.operation && operation.hasPrefix("sync"):
      state.fault = nil
      return .sync(at: at)
    case .full(let at) where at <= state.operation && operation == "write":
      state.fault = nil
      return .full(at: at)
    default: return nil
    }
  }

  /// Runs an operation on names; with the power failing in it, it may have happened or not.
  private func names(
    _ operation: String, _ path: String, _ body: (inout State) throws(FileFault) -> Void
  ) throws(FileFault) {
    let result: Result<Void, FileFault> = state.withLock { state in
      do throws(FileFault) {
        let fault = try step(&state, operation, path)
        if fault == nil || Bool.random(using: &state.random) { try body(&state) }
        if fault != nil { throw FileFault(operation: operation, path: path, code: EIO) }
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  // MARK: - StoreFiles

  func open(_ path: String, create: Bool) throws(FileFault) -> any StoreFile {
    let result: Result<any StoreFile, FileFault> = state.withLock { state in
      do throws(FileFault) {
        if try step(&state, "open", path) != nil {
          throw FileFault(operation: "open", path: path, code: EIO)
        }
        if create {
          let node = Node()
          state.names[path] = node
          state.changes.append(.put(path, node))
          return .success(File(path: path, node: node, disk: self))
        }
        guard let node = state.names[path] else {
          throw FileFault(operation: "open", path: path, code: ENOENT)
        }
        return .success(File(path: path, node: node, disk: self))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  func names(in folder: String) throws(FileFault) -> [String] {
    state.withLock { state in
      state.names.keys.filter { $0.hasPrefix(folder + "/") }
        .map { String($0.dropFirst(folder.count + 1)) }.sorted()
    }
  }

  func makeFolder(_ path: String) throws(FileFault) {}

  func rename(_ path: String, to target: String) throws(FileFault) {
    try names("rename", path) { (state) throws(FileFault) in
      guard let node = state.names.removeValue(forKey: path) else {
        throw FileFault(operation: "rename", path: path, code: ENOENT)
      }
      state.names[target] = node
      // One change: both names at once or neither.
      state.changes.append(.drop(path))
      state.changes.append(.put(target, node))
    }
  }

  func remove(_ path: String) throws(FileFault) {
    try names("remove", path) { (state) throws(FileFault) in
      state.names[path] = nil
      state.changes.append(.drop(path))
    }
  }

  func syncFolder(_ path: String) throws(FileFault) {
    let syncs = syncs
    try names("sync folder", path) { (state) throws(FileFault) in
      guard syncs else { return }
      for change in state.changes { Self.apply(change, to: &state.durableNames) }
      state.changes = []
    }
  }

  // MARK: - Files

  private final class File: StoreFile {
    let path: String
    // Touched only inside the disk's mutex.
    private nonisolated(unsafe) let node: Node
    private let disk: SimulatedDisk

    init(path: String, node: Node, disk: SimulatedDisk) {
      self.path = path
      self.node = node
      self.disk = disk
    }

    private func locked<Value: Sendable>(
      _ body: (inout State) throws(FileFault) -> Value
    ) throws(FileFault) -> Value {
      let result: Result<Value, FileFault> = disk.state.withLock { state in
        do throws(FileFault) { return .success(try body(&state)) } catch { return .failure(error) }
      }
      return try result.get()
    }

    func size() throws(FileFault) -> Int {
      try locked { (_) throws(FileFault) in node.live.count }
    }

    func write(_ bytes: [UInt8], from start: Int, at offset: Int) throws(FileFault) -> Int {
      try locked { (state) throws(FileFault) in
        var count = bytes.count - start
        let fault = try disk.step(&state, "write", path)
        if fault != nil { count = Int.random(in: 0...count, using: &state.random) }
        if fault == nil, state.shortWrites, count > 1 {
          count = Int.random(in: 1...count, using: &state.random)
        }
        let end = offset + count
        if node.live.count < end {
          node.live += [UInt8](repeating: 0, count: end - node.live.count)
        }
        node.live.replaceSubrange(offset..<end, with: bytes[start..<start + count])
        if count > 0 {
          for sector in offset / SimulatedDisk.sector...(end - 1) / SimulatedDisk.sector {
            node.dirty.insert(sector)
          }
        }
        switch fault {
        case .full: throw FileFault(operation: "write", path: path, code: ENOSPC)
        case .some: throw FileFault(operation: "write", path: path, code: EIO)
        case nil: return count
        }
      }
    }

    func read(_ count: Int, at offset: Int) throws(FileFault) -> [UInt8] {
      try locked { (state) throws(FileFault) in
        if state.isOff { throw FileFault(operation: "read", path: path, code: EIO) }
        return Array(node.live[min(offset, node.live.count)..<min(offset + count, node.live.count)])
      }
    }

    func truncate(to size: Int) throws(FileFault) {
      try locked { (state) throws(FileFault) in
        let fault = try disk.step(&state, "truncate", path)
        if fault != nil { throw FileFault(operation: "truncate", path: path, code: EIO) }
        node.live = Array(node.live.prefix(size))
        node.live += [UInt8](repeating: 0, count: size - node.live.count)
      }
    }

    func sync() throws(FileFault) {
      try locked { (state) throws(FileFault) in
        let fault = try disk.step(&state, "sync", path)
        if fault != nil {
          // What was to be written is lost, and nobody will try again.
          if case .sync = fault { node.dirty = [] }
          throw FileFault(operation: "sync", path: path, code: EIO)
        }
        guard disk.syncs else { return }
        // Only what is known to be unwritten: what an earlier sync failed on counts as written.
        node.durable = Array(node.durable.prefix(node.live.count))
        node.durable += [UInt8](repeating: 0, count: node.live.count - node.durable.count)
        for sector in node.dirty {
          let start = sector * SimulatedDisk.sector
          let end = min(start + SimulatedDisk.sector, node.live.count)
          if start < end { node.durable.replaceSubrange(start..<end, with: node.live[start..<end]) }
        }
        node.dirty = []
      }
    }
  }
}
