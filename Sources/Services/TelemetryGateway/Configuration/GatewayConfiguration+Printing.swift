// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The configuration in force, as a file that could be read again; never with a secret.

import Logging

extension GatewayConfiguration {
  /// The configuration in force as YAML; secrets stand as where they come from.
  public var yaml: String {
    var lines = ["data_folder: \(Self.quoted(dataFolder))"]
    if let store { lines.append("store: \(Self.quoted(store))") }
    if let registryFile { lines.append("registry: \(Self.quoted(registryFile))") }
    lines.append("second_login: \(settings.secondLogin.rawValue)")
    lines += listenLines + limitLines + timeoutLines
    if let status {
      lines += ["status:", "  host: \(Self.quoted(status.host))", "  port: \(status.port)"]
    } else {
      lines += ["status:", "  enabled: false"]
    }
    lines += [
      "log:", "  level: \(log.level.rawValue)", "  format: \(log.format.rawValue)",
      "  identities: \(log.showsIdentities)", "quarantine:",
      "  file_mib: \(Double(quarantine.fileBytes) / 1_048_576)", "  files: \(quarantine.files)",
      "  records_per_second: \(quarantine.recordsPerSecond)", "commands:",
      "  settings: \(commands.allowsSettings)",
      "  approve_settings: \(commands.settingsNeedApproval)",
      "  controls: [\(Self.list(commands.controls))]",
      "  approve_controls: [\(Self.list(commands.needsApproval))]",
      "  answer_s: \(commandTimeout)",
    ]
    if !commandUsers.isEmpty { lines.append("  users:") }
    for user in commandUsers {
      lines.append(
        "    - {name: \(Self.quoted(user.name)), token_sha256: \(Self.quoted(user.tokenHash))}")
    }
    if seal != nil {
      lines += ["sealing:", "  key: \(Self.quoted(references["sealing.key"] ?? ""))"]
    }
    if !forwards.isEmpty { lines.append("forward:") }
    for forward in forwards { lines += forwardLines(forward) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var listenLines: [String] {
    var lines = ["listen:", "  host: \(Self.quoted(settings.host))"]
    if let port = settings.port {
      lines.append("  port: \(port)")
      if settings.tls != nil { lines.append("  plain: true") }
    } else {
      lines.append("  plain: false")
    }
    guard let tls = settings.tls else { return lines }
    lines += [
      "  tls:", "    port: \(tls.port)", "    certificate: \(Self.quoted(tls.certificate))",
      "    private_key: \(Self.quoted(tls.privateKey))",
      "    client_certificates: \(Self.quoted(tls.clientCertificates.rawValue))",
    ]
    if let authority = tls.clientAuthority {
      lines.append("    client_authority: \(Self.quoted(authority))")
    }
    return lines
  }

  private var limitLines: [String] {
    let limits = settings.admission
    return [
      "limits:", "  connections: \(limits.connections)",
      "  connections_per_address: \(limits.connectionsPerAddress)",
      "  accepts_per_second: \(limits.acceptsPerSecond)", "  accept_burst: \(limits.acceptBurst)",
      "  accept_wait_s: \(limits.longestWait)", "  failed_logins: \(limits.failures)",
      "  block_s: \(limits.blockSeconds)", "  frames_per_second: \(settings.framesPerSecond)",
      "  frame_burst: \(settings.frameBurst)",
      "  total_frames_per_second: \(settings.totalFramesPerSecond)",
      "  unit_bytes: \(settings.maximumUnitLength)", "  noise_bytes: \(settings.noiseLimit)",
      "  pending_mib: \(Double(settings.pendingBytes) / 1_048_576)",
    ]
  }

  private var timeoutLines: [String] {
    func seconds(_ duration: Duration) -> String { "\(duration / .seconds(1))" }
    return [
      "timeouts:", "  frame_s: \(seconds(settings.frameTimeout))",
      "  login_s: \(seconds(settings.loginTimeout))",
      "  idle_s: \(seconds(settings.idleTimeout))",
      "  write_s: \(seconds(settings.writeTimeout))",
      "  drain_s: \(seconds(settings.drainTimeout))",
    ]
  }

  private func forwardLines(_ forward: ForwardSettings) -> [String] {
    let patterns = forward.vehicles.map { Self.quoted($0.description) }.joined(separator: ", ")
    var lines = [
      "  - name: \(Self.quoted(forward.name))", "    host: \(Self.quoted(forward.host))",
      "    port: \(forward.port)", "    identity: \(Self.quoted(forward.identity))",
      "    user: \(Self.quoted(forward.user))",
      "    password: \(Self.quoted(references["forward.\(forward.name).password"] ?? ""))",
      "    vehicles: [\(patterns)]", "    window: \(forward.window)",
      "    reissue_after_s: \(forward.reissueAfter)",
    ]
    guard let tls = forward.tls else { return lines }
    let files = [
      ("authority", tls.authority), ("certificate", tls.certificate),
      ("private_key", tls.privateKey), ("server_name", tls.serverName),
    ]
    lines.append("    tls:")
    for (key, value) in files {
      if let value { lines.append("      \(key): \(Self.quoted(value))") }
    }
    if lines.last == "    tls:" { lines[lines.count - 1] = "    tls: {}" }
    return lines
  }

  private static func list(_ numbers: Set<UInt8>) -> String {
    numbers.sorted().map { "\($0)" }.joined(separator: ", ")
  }

  /// A text in double quotes, which YAML and JSON read alike.
  private static func quoted(_ text: String) -> String {
    var out = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      default: out.unicodeScalars.append(character)
      }
    }
    return out + "\""
  }
}
