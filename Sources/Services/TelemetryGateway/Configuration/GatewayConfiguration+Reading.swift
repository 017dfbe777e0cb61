// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The configuration file, key by key; all faults are told at once.

public import Foundation
import FrameCryptography
import Logging
public import StructuredInput

extension GatewayConfiguration {
  private enum ClientCertificates: String, CaseIterable {
    case required
    case off
  }

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages; paths are relative to its folder.
  ///   - environment: Environment variables that may hold secrets.
  /// - Throws: `InputFaults` with every fault, those of the registry file included.
  public init(
    _ text: String, file: String,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(InputFaults) {
    let document = try InputDocument(text, file: file)
    let place = ConfigurationPlace(
      folder: URL(fileURLWithPath: file).deletingLastPathComponent(), environment: environment)
    self.init()
    let root = document.root
    dataFolder = place.path(root.text("data_folder", default: "anodyne-data"))
    if root.has("store") {
      let text = root.text("store", default: "")
      // An address is no path; its password comes from the environment or a password file.
      store = text.contains("://") ? text : place.path(text)
      if Self.holdsPassword(text) {
        root.note("no password in a file: use PGPASSFILE or PGPASSWORD", at: "store")
        store = nil
      }
    }
    if let table = root.table("listen") { readListen(table, place) }
    if let table = root.table("limits") { readLimits(table, isSealed: root.has("sealing")) }
    if let table = root.table("timeouts") { readTimeouts(table) }
    settings.secondLogin =
      root.choice("second_login", default: GatewaySettings.SecondLogin.replace) ?? .replace
    if root.has("status"), let table = root.table("status") {
      status = table.flag("enabled", default: true) ? Status() : nil
      status?.host = table.text("host", default: "127.0.0.1")
      status?.port = table.integer("port", in: 0...65_535, default: 8_081)
      if status == nil {
        _ = table.text("host", default: "")
        _ = table.integer("port", in: 0...65_535, default: 0)
      }
    }
    if let table = root.table("log") { readLog(table) }
    if let table = root.table("quarantine") { readQuarantine(table) }
    if let table = root.table("commands") { readCommands(table) }
    if let table = root.table("sealing") { readSeal(table, place) }
    for item in root.list("forward") {
      if let table = item.table(), let forward = readForward(table, place) {
        if forwards.contains(where: { $0.name == forward.name }) {
          table.note("this name is used twice", at: "name")
        }
        forwards.append(forward)
      }
    }
    var inner: [InputFault] = []
    if root.has("registry") {
      let path = place.path(root.text("registry"))
      registryFile = path
      do {
        if let data = FileManager.default.contents(atPath: path) {
          settings.access = try RegistryFile.read(
            String(decoding: data, as: UTF8.self), file: path, environment: environment)
        } else {
          root.note("the file \(path) cannot be read", at: "registry")
        }
      } catch { inner = error.faults }
    }
    do throws(InputFaults) { try document.finish() } catch {
      throw InputFaults(error.faults + inner)
    }
    if !inner.isEmpty { throw InputFaults(inner) }
  }

  private mutating func readListen(_ table: InputTable, _ place: ConfigurationPlace) {
    settings.host = table.text("host", default: settings.host)
    settings.port = table.integer("port", in: 0...65_535, default: 32_960)
    // Who asks for TLS does not expect an open port beside it.
    if !table.flag("plain", default: !table.has("tls")) { settings.port = nil }
    guard let tls = table.table("tls") else {
      if settings.port == nil {
        table.note("is false, and without tls nothing is listened to", at: "plain")
      }
      return
    }
    let clients: ClientCertificates =
      tls.choice("client_certificates", default: .required) ?? .required
    settings.tls = TLSListener(
      port: tls.integer("port", in: 0...65_535, default: 32_961),
      certificate: file("certificate", tls, place), privateKey: file("private_key", tls, place),
      clientAuthority: tls.has("client_authority") ? file("client_authority", tls, place) : nil,
      clientCertificates: clients == .required ? .required : .off)
    if clients == .required, !tls.has("client_authority") {
      tls.note(
        "is missing; name the PEM file of who issues client certificates, or say "
          + "client_certificates: off", at: "client_authority")
    }
  }

  private func file(_ key: String, _ table: InputTable, _ place: ConfigurationPlace) -> String {
    let text = table.text(key)
    if text.isEmpty { return "" }
    let path = place.path(text)
    if !FileManager.default.isReadableFile(atPath: path) {
      table.note("the file \(path) cannot be read", at: key)
    }
    return path
  }

  private mutating func readLimits(_ table: InputTable, isSealed: Bool) {
    var limits = settings.admission
    limits.connections = table.integer(
      "connections", in: 1...1_000_000, default: limits.connections)
    limits.connectionsPerAddress = table.integer(
      "connections_per_address", in: 1...1_000_000, default: limits.connections)
    limits.acceptsPerSecond = table.number(
      "accepts_per_second", in: 0.1...1e6, default: limits.acceptsPerSecond)
    limits.acceptBurst = table.number("accept_burst", in: 1...1e6, default: limits.acceptBurst)
    limits.longestWait = table.number("accept_wait_s", in: 0...3_600, default: limits.longestWait)
    limits.failures = table.integer("failed_logins", in: 1...1_000_000, default: limits.failures)
    limits.blockSeconds = table.number("block_s", in: 0...86_400, default: limits.blockSeconds)
    settings.admission = limits
    settings.framesPerSecond = table.number(
      "frames_per_second", in: 0.1...1e7, default: settings.framesPerSecond)
    settings.frameBurst = table.number("frame_burst", in: 1...1e7, default: settings.frameBurst)
    settings.totalFramesPerSecond = table.number(
      "total_frames_per_second", in: 1...1e8, default: settings.totalFramesPerSecond)
    settings.maximumUnitLength = table.integer(
      "unit_bytes", in: 64...(isSealed ? SealingSink.longestUnit : 65_531),
      default: settings.maximumUnitLength)
    settings.noiseLimit = table.integer(
      "noise_bytes", in: 1_024...1 << 30, default: settings.noiseLimit)
    let pending = table.number(
      "pending_mib", in: 0.1...65_536, default: Double(settings.pendingBytes) / 1_048_576)
    settings.pendingBytes = Int(pending * 1_048_576)
  }

  private mutating func readTimeouts(_ table: InputTable) {
    func seconds(_ key: String, _ usual: Duration) -> Duration {
      .seconds(table.number(key, in: 0.05...86_400, default: usual / .seconds(1)))
    }
    settings.frameTimeout = seconds("frame_s", settings.frameTimeout)
    settings.loginTimeout = seconds("login_s", settings.loginTimeout)
    settings.idleTimeout = seconds("idle_s", settings.idleTimeout)
    settings.writeTimeout = seconds("write_s", settings.writeTimeout)
    settings.drainTimeout = seconds("drain_s", settings.drainTimeout)
  }

  private mutating func readLog(_ table: InputTable) {
    log.level = table.choice("level", default: log.level) ?? log.level
    log.format = table.choice("format", default: log.format) ?? log.format
    log.showsIdentities = table.flag("identities", default: false)
  }

  private mutating func readQuarantine(_ table: InputTable) {
    let size = table.number(
      "file_mib", in: 0.01...4_096, default: Double(quarantine.fileBytes) / 1_048_576)
    quarantine.fileBytes = Int(size * 1_048_576)
    quarantine.files = table.integer("files", in: 1...1_000, default: quarantine.files)
    quarantine.recordsPerSecond = table.number(
      "records_per_second", in: 0.1...1e6, default: quarantine.recordsPerSecond)
  }

  private mutating func readCommands(_ table: InputTable) {
    commands.allowsSettings = table.flag("settings", default: false)
    commands.settingsNeedApproval = table.flag("approve_settings", default: true)
    if table.has("controls") {
      commands.controls = Set(
        table.list("controls").compactMap { $0.integer(in: 1...254).map { UInt8($0) } })
    }
    if table.has("approve_controls") {
      commands.needsApproval = Set(
        table.list("approve_controls").compactMap { $0.integer(in: 1...254).map { UInt8($0) } })
    }
    commandTimeout = table.number("answer_s", in: 0.1...3_600, default: commandTimeout)
    for item in table.list("users") {
      guard let user = item.table() else { continue }
      let name = user.text("name")
      let hash = user.text("token_sha256")
      if name.isEmpty || commandUsers.contains(where: { $0.name == name }) {
        user.note("is empty or used twice", at: "name")
      }
      if hash.count != 64 || Digest.bytes(hexadecimal: hash) == nil {
        user.note(
          "is 64 hexadecimal digits, as `anodyne gateway new-token` prints them",
          at: "token_sha256")
      }
      if commandUsers.contains(where: { $0.tokenHash == hash.lowercased() }) {
        user.note("is the token of another user", at: "token_sha256")
      }
      commandUsers.append(CommandUser(name: name, tokenHash: hash))
    }
    guard !commandUsers.isEmpty else { return }
    // Tokens travel in the request: in plain HTTP they must not leave the machine.
    if let status, !["127.0.0.1", "::1", "localhost"].contains(status.host) {
      table.note(
        "need status.host 127.0.0.1 or ::1: put a proxy with TLS in front for others", at: "users")
    }
    if status == nil { table.note("need the status server: enable it", at: "users") }
  }

  private mutating func readSeal(_ table: InputTable, _ place: ConfigurationPlace) {
    guard let value = table.value("key") else {
      table.note("is missing; write env:NAME or @FILE of at least 32 random bytes", at: "key")
      return
    }
    guard let secret = SecretReference(value, place) else { return }
    references["sealing.key"] = secret.description
    do throws(KeyError) {
      seal = try FrameSeal(masterKey: secret.key)
    } catch {
      value.note("the key has \(secret.key.count) bytes; at least 32 are needed")
    }
  }

  private mutating func readForward(
    _ table: InputTable, _ place: ConfigurationPlace
  ) -> ForwardSettings? {
    let name = table.text("name")
    if name.isEmpty
      || !name.utf8.allSatisfy({
        ($0 | 32 >= 97 && $0 | 32 <= 122) || $0 >= 48 && $0 <= 57 || $0 == 45 || $0 == 95
      })
    {
      table.note("is made of letters, digits, - and _", at: "name")
    }
    var password = ""
    if let value = table.value("password") {
      if let secret = SecretReference(value, place) {
        references["forward.\(name).password"] = secret.description
        password = String(decoding: secret.bytes, as: UTF8.self)
        if secret.bytes.count > 20 { value.note("the password has more than 20 characters") }
      }
    } else {
      table.note("is missing; write env:NAME or @FILE", at: "password")
    }
    let patterns = table.vehiclePatterns(orNote: "name the VINs to forward; '*' for all")
    let identity = table.text("identity")
    if !GatewaySession.isIdentity(identity) || identity.utf8.count > 17 {
      table.note("is 1 to 17 visible ASCII characters", at: "identity")
    }
    let user = table.text("user")
    if user.isEmpty || user.utf8.count > 12 {
      table.note("is 1 to 12 visible ASCII characters", at: "user")
    }
    var client: TLSClient?
    if let tls = table.table("tls") {
      func optional(_ key: String) -> String? { tls.has(key) ? file(key, tls, place) : nil }
      client = TLSClient(
        authority: optional("authority"), certificate: optional("certificate"),
        privateKey: optional("private_key"),
        serverName: tls.has("server_name") ? tls.text("server_name") : nil)
    }
    var forward = ForwardSettings(
      name: name, host: table.text("host"), port: table.integer("port", in: 1...65_535),
      tls: client, identity: identity, user: user, password: password, vehicles: patterns)
    forward.window = table.integer("window", in: 1...65_536, default: forward.window)
    forward.reissueAfter = table.number(
      "reissue_after_s", in: 0...1e9, default: forward.reissueAfter)
    return forward
  }
}

extension GatewayConfiguration {
  /// Whether the address of a database names a password.
  private static func holdsPassword(_ address: String) -> Bool {
    guard let start = address.range(of: "://") else { return false }
    let rest = address[start.upperBound...]
    let user = rest.prefix { $0 != "/" }.split(separator: "@", omittingEmptySubsequences: false)
    return user.count > 1 && user[0].contains(":") || rest.contains("password=")
  }
}
