// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The registry as a file: vehicles, platforms and their keys.

public import Foundation
import FrameCryptography
public import StructuredInput
import TelemetryCodec

/// Reads the registry file: who may log in, and with which keys. The whole file is read before
/// anything is refused, so that all faults are told at once.
public enum RegistryFile {
  private enum Demand: String, CaseIterable {
    case optional
    case required
  }

  private enum Unlisted: String, CaseIterable {
    case refuse
    case accept
  }

  /// Reads a registry.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages; key files are named relative to its folder.
  ///   - environment: Environment variables that may hold keys.
  /// - Returns: The registry.
  /// - Throws: `InputFaults` with every fault.
  public static func read(
    _ text: String, file: String,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(InputFaults) -> AccessRegistry {
    let document = try InputDocument(text, file: file)
    let place = ConfigurationPlace(
      folder: URL(fileURLWithPath: file).deletingLastPathComponent(), environment: environment)
    let root = document.root
    var registry = AccessRegistry()
    let unlisted: Unlisted = root.choice("unlisted", default: Unlisted.refuse) ?? .refuse
    let shared = root.table("keys").map { keys($0, place) } ?? KeyRing()
    if unlisted == .accept { registry.unlisted = AccessRegistry.Vehicle(keys: shared) }
    for item in root.list("vehicles") {
      guard let table = item.table() else { continue }
      let identity = table.text("vin")
      if !GatewaySession.isIdentity(identity) || identity.utf8.count > 17 {
        table.note("a VIN is 1 to 17 visible ASCII characters", at: "vin")
      }
      if registry.vehicles[identity] != nil {
        table.note("this VIN is listed twice", at: "vin")
      }
      registry.vehicles[identity] = vehicle(table, shared, place)
    }
    for item in root.list("platforms") {
      guard let table = item.table() else { continue }
      let user = table.text("user")
      if user.isEmpty || user.utf8.count > PlatformLogin.userLength {
        table.note("a user name is 1 to 12 visible ASCII characters", at: "user")
      }
      if registry.platforms[user] != nil { table.note("this user is listed twice", at: "user") }
      registry.platforms[user] = platform(table, shared, place)
    }
    try document.finish()
    return registry
  }

  private static func vehicle(
    _ table: InputTable, _ shared: KeyRing, _ place: ConfigurationPlace
  ) -> AccessRegistry.Vehicle {
    var editions: Set<Edition> = []
    for value in table.list("editions") {
      switch value.integer(in: 2_016...2_025) {
      case 2_016: editions.insert(.edition2016)
      case 2_025: editions.insert(.edition2025)
      case nil: break
      default: value.note("an edition is 2016 or 2025")
      }
    }
    let simCard = table.has("iccid") ? table.text("iccid") : nil
    if let simCard, simCard.utf8.count > VehicleLogin.simCardLength {
      table.note("an ICCID has at most 20 characters", at: "iccid")
    }
    return AccessRegistry.Vehicle(
      simCard: simCard, certificate: fingerprint(table),
      keys: table.table("keys").map { keys($0, place) } ?? shared,
      requiresEncryption: table.choice("encryption", default: Demand.optional) == .required,
      requiresSignature: table.choice("signature", default: Demand.optional) == .required,
      editions: editions.isEmpty ? [.edition2016, .edition2025] : editions)
  }

  private static func platform(
    _ table: InputTable, _ shared: KeyRing, _ place: ConfigurationPlace
  ) -> AccessRegistry.Platform? {
    let hash = PasswordHash(written: table.text("password_hash"))
    if hash == nil {
      table.note(
        "is not a written hash; make one with: anodyne gateway hash-password", at: "password_hash")
    }
    let patterns = table.vehiclePatterns(
      orNote: "name the VINs that the platform may speak for, such as LTEST*")
    let ring = table.table("keys").map { keys($0, place) } ?? shared
    let isRequired = table.choice("encryption", default: Demand.optional) == .required
    let certificate = fingerprint(table)
    guard let hash else { return nil }
    return AccessRegistry.Platform(
      password: hash, certificate: certificate, vehicles: patterns, keys: ring,
      requiresEncryption: isRequired)
  }

  private static func fingerprint(_ table: InputTable) -> String? {
    guard table.has("certificate_sha256") else { return nil }
    let text = table.text("certificate_sha256").filter { $0 != ":" }
    if Digest.bytes(hexadecimal: text)?.count != 32 {
      table.note("is not a SHA-256 fingerprint of 64 hexadecimal digits", at: "certificate_sha256")
    }
    return text
  }

  private static func keys(_ table: InputTable, _ place: ConfigurationPlace) -> KeyRing {
    var ring = KeyRing()
    func read<Key>(_ name: String, _ make: ([UInt8]) throws(KeyError) -> [Key]) -> [Key] {
      table.list(name).flatMap { value -> [Key] in
        guard let secret = SecretReference(value, place) else { return [] }
        do throws(KeyError) { return try make(secret.key) } catch {
          value.note(error.message)
          return []
        }
      }
    }
    ring.symmetricKeys = read("symmetric") { bytes throws(KeyError) in
      [try KeyReader.symmetric(bytes)]
    }
    ring.privateKeys = read("private") { bytes throws(KeyError) in
      try KeyReader.privateKeys(bytes)
    }
    ring.publicKeys = read("public") { bytes throws(KeyError) in [try KeyReader.publicKey(bytes)] }
    ring.profile.mode = table.choice("mode")
    ring.profile.padding = table.choice("padding")
    ring.profile.rsaPadding = table.choice("rsa_padding")
    ring.profile.sm2Form = table.choice("sm2_form")
    if table.has("iv") {
      switch table.text("iv") {
      case "prefix": ring.profile.initialVector = .prefix
      case "key": ring.profile.initialVector = .key
      case "zero": ring.profile.initialVector = .zero
      default: table.note("is one of prefix, key, zero", at: "iv")
      }
    }
    return ring
  }
}

extension InputTable {
  /// The VINs and beginnings of VINs under `vehicles`; notes what is none, and an empty list.
  func vehiclePatterns(orNote missing: String) -> [VehiclePattern] {
    var patterns: [VehiclePattern] = []
    for value in list("vehicles") {
      guard let text = value.text() else { continue }
      if let pattern = VehiclePattern(text) {
        patterns.append(pattern)
      } else {
        value.note("'\(text)' is no VIN and no beginning of one followed by *")
      }
    }
    if patterns.isEmpty { note(missing, at: "vehicles") }
    return patterns
  }
}
