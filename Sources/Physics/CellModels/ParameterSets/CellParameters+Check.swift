// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// All faults of a parameter file at once, and the models a set is usable for.

public import Foundation

extension CellParameters {
  /// All faults of a parameter file that can be told apart.
  ///
  /// Reading stops at its first fault. Here the value at fault is replaced by that of a known good
  /// set and the file is read again, until it reads or the fault stays; each message is the one that
  /// ``init(json:)`` gives.
  ///
  /// - Parameter json: The file.
  /// - Returns: Faults in the order in which they are met; empty when the file reads.
  /// - Complexity: One reading per fault, at most 200.
  public static func faults(json: Data) -> [ParameterError] {
    var check: ParameterCheck
    do {
      check = try ParameterCheck(ParameterDocument(json: json))
    } catch {
      return [error]
    }
    return check.run()
  }

  /// Whether the set can be given to a model of a cell with liquid electrolyte.
  ///
  /// - Returns: For `spm`, `spme` and `dfn`: nil, or why not.
  public func usability() -> [(model: String, fault: ParameterError?)] {
    ["spm", "spme", "dfn"].map { ($0, unusable(for: $0)) }
  }

  private func unusable(for model: String) -> ParameterError? {
    if solidState != nil {
      return .unsupported(key: "solid electrolyte", reason: "needs the model solid-state")
    }
    do throws(ParameterError) {
      try validate(allowsComposite: true, needsElectrolyte: model != "spm")
      _ = try stoichiometries(stateOfCharge: 1)
      _ = try stoichiometries(stateOfCharge: 0)
      return nil
    } catch {
      return error
    }
  }
}

/// Reads a file again and again with values of a good set where it is at fault.
struct ParameterCheck {
  private var document: ParameterDocument
  private let goodDocument: [String: Any]
  private let goodValues: [String: Any]
  private var faults: [ParameterError] = []
  private var repaired: Set<String> = []
  /// Keys of all faults, by the names of both readings.
  private var told: Set<String> = []

  init(_ document: ParameterDocument) throws(ParameterError) {
    self.document = document
    // The set with the most parameters: it has film growth, plating and mechanics.
    goodDocument = try BPXWriter(.okane2022).document()
    var reader = BPXReader(goodDocument)
    goodValues = try reader.read()
  }

  mutating func run() -> [ParameterError] {
    guard var values = readDocument() else { return faults }
    repaired = []
    while faults.count < 200 {
      do {
        _ = try CellParameters(values: values, name: "", source: "")
        return faults
      } catch {
        if follows(error), let key = error.key, repaired.insert(key).inserted {
          guard repair(&values, error) else { return faults }
          continue
        }
        guard note(error), repair(&values, error) else { return faults }
      }
    }
    return faults
  }

  /// The values of the document, with its own faults told and repaired.
  private mutating func readDocument() -> [String: Any]? {
    while faults.count < 200 {
      do {
        return try document.values()
      } catch {
        guard note(error), repairDocument(error) else { return nil }
      }
    }
    return nil
  }

  /// Tells a fault; false when its key was repaired in vain.
  private mutating func note(_ fault: ParameterError) -> Bool {
    guard let key = fault.key, repaired.insert(key).inserted else {
      if !faults.contains(fault) { faults.append(fault) }
      return false
    }
    faults.append(fault)
    told.insert(key)
    return true
  }

  /// Whether a value is only out of range because another one was replaced by that of a good set.
  private func follows(_ fault: ParameterError) -> Bool {
    guard case .outOfRange(let key, _, _) = fault else { return false }
    for name in ["Negative electrode", "Positive electrode"] {
      let fractions = ["\(name) porosity", "\(name) active material volume fraction"]
      let maximum = "Maximum concentration in \(name.lowercased()) [mol.m-3]"
      var causes: [String] = []
      if fractions.contains(plain(key)) {
        causes = fractions.filter { $0 != plain(key) }
        causes += ["Particle radius [m]", "Surface area per unit volume [m-1]", "Porosity"]
          .map { "\(name): \($0)" }
      } else if plain(key) == maximum.replacing("Maximum", with: "Initial") {
        causes = [maximum, "\(name): Maximum concentration [mol.m-3]"]
      }
      if causes.contains(where: told.contains) { return true }
    }
    return false
  }

  /// Replaces, adds or takes away what a fault of a BPX document names: `Section: key`, or a section.
  private mutating func repairDocument(_ fault: ParameterError) -> Bool {
    guard let key = fault.key else { return false }
    if key == "Parameterisation" { return false }
    var sections = document.object["Parameterisation"] as? [String: Any] ?? [:]
    let good = goodDocument["Parameterisation"] as? [String: Any] ?? [:]
    let parts = key.split(separator: ": ", maxSplits: 1).map(String.init)
    let nearest: String? = if case .unknown(_, let nearest) = fault { nearest } else { nil }
    if parts.count == 2, parts[0] != "Parameterisation" {
      let (name, member) = (parts[0], parts[1])
      var section = sections[name] as? [String: Any] ?? [:]
      let goodSection = good[name] as? [String: Any] ?? [:]
      if member == "stoichiometry" {
        for limit in ["Minimum stoichiometry", "Maximum stoichiometry"] {
          section[limit] = goodSection[limit]
        }
      } else {
        section[member] = goodSection[member]
      }
      if member == "Transport efficiency" { section["Porosity"] = goodSection["Porosity"] }
      if let nearest, section[nearest] == nil { section[nearest] = goodSection[nearest] }
      sections[name] = section
    } else {
      let name = parts.last ?? key
      sections[name] = good[name]
    }
    document.object["Parameterisation"] = sections
    return true
  }

  /// Replaces, adds or takes away what a fault names by PyBaMM's names.
  private func repair(_ values: inout [String: Any], _ fault: ParameterError) -> Bool {
    guard let key = fault.key else { return false }
    if key.hasPrefix("Secondary: ") { return false }
    values[key] = goodValues[plain(key)]
    if case .unknown(_, let nearest?) = fault, values[nearest] == nil {
      values[nearest] = goodValues[plain(nearest)]
    }
    if key.hasSuffix("exchange-current density [A.m-2]") {
      let rate = ParameterReader.rateKey(
        key.replacing(" exchange-current density [A.m-2]", with: ""))
      values[rate] = goodValues[plain(rate)]
    }
    // A wrong unit: the key with the right one takes its place.
    let base = key.split(separator: " [").first.map(String.init) ?? key
    for right in goodValues.keys
    where right.hasPrefix(base + " [") && values[right] == nil {
      values[right] = goodValues[right]
    }
    if key.hasSuffix("porosity") {
      let other = key.replacing("porosity", with: "active material volume fraction")
      if values[other] != nil { values[other] = goodValues[plain(other)] }
    }
    return true
  }

  private func plain(_ key: String) -> String {
    key.hasPrefix("Primary: ") ? String(key.dropFirst("Primary: ".count)) : key
  }
}

extension ParameterError {
  /// The key that the fault is about; nil when it is about the whole file.
  var key: String? {
    switch self {
    case .missing(let key), .outOfRange(let key, _, _), .unknown(let key, _),
      .unsupported(let key, _):
      key
    case .malformed: nil
    }
  }
}
