// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// JSON messages as readings, by a table that people write.

import BatteryDomain
import BatteryFiles
import Foundation
import FrameText
public import StructuredInput
public import TelemetryCodec

/// JSON messages as readings, by a table that people write.
///
/// ```yaml
/// messages:
///   - topic: plant/+/rack/+/state
///     asset: "{1}-{2}"
///     time: {path: ts, unit: ms}
///     values:
///       pack_voltage: {path: dc.voltage, unit: V}
///       current: {path: dc.current, unit: A, positive: charge}
///       cell_voltage: {path: "cells[].u", unit: mV}
/// ```
public struct MessageMapping: Sendable {
  /// Why a message gives no reading.
  public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No line of the table is for this topic.
    case unknownTopic(String)
    /// The payload is no JSON.
    case notJSON(offset: Int)
    /// The time is absent or none.
    case noTime(path: String)
    /// None of the values is there.
    case nothingFound

    /// What is wrong with the message.
    public var description: String {
      switch self {
      case .unknownTopic(let topic): "no entry of messages has a topic that matches \(topic)"
      case .notJSON(let offset): "the payload is no JSON from byte \(offset) on"
      case .noTime(let path): "there is no time at \(path)"
      case .nothingFound: "none of the mapped values is in the message"
      }
    }
  }

  private struct Value: Sendable {
    var key: QuantityKey
    var path: ValuePath
    var scale: Double
    var offset: Double
  }

  private struct Time: Sendable {
    var text: String
    var path: ValuePath
    var unit: TimeUnit
  }

  private enum TimeUnit: String, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    case iso8601
  }

  private struct Line: Sendable {
    var topic: TopicFilter
    var asset: String
    var time: Time?
    var values: [Value]
  }

  private let lines: [Line]

  /// The topics to listen to.
  public var filters: [String] { lines.map(\.topic.text) }

  /// Reads the table.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON.
  ///   - file: Name for messages.
  /// - Throws: `InputFaults` with everything that is wrong.
  public init(_ text: String, file: String) throws(InputFaults) {
    let document = try InputDocument(text, file: file)
    var lines: [Line] = []
    let items = document.root.list("messages")
    if items.isEmpty {
      document.root.note("no message is described; at least one entry is needed", at: "messages")
    }
    for item in items {
      if let table = item.table(), let line = Self.line(table) { lines.append(line) }
    }
    try document.finish()
    self.lines = lines
  }

  private static func line(_ table: InputTable) -> Line? {
    let text = table.text("topic")
    let topic = TopicFilter(text)
    if topic == nil {
      table.note(
        "'\(text)' is no topic filter; + stands for one level, # for the rest", at: "topic")
    }
    let asset = table.text("asset", default: "{1}")
    let wildcards = text.split(separator: "/").count { $0 == "+" || $0 == "#" }
    for number in 1...9 where asset.contains("{\(number)}") && number > wildcards {
      table.note(
        "{\(number)} needs \(number) wildcards in topic, which has \(wildcards)", at: "asset")
    }
    var time: Time?
    if let entry = table.table("time") {
      let text = entry.text("path")
      let unit: TimeUnit = entry.choice("unit", default: .seconds) ?? .seconds
      if let path = Self.path(text, of: entry) {
        time = Time(text: text, path: path, unit: unit)
      }
    }
    var values: [Value] = []
    if let list = table.table("values") {
      for name in list.keys { if let value = Self.value(name, in: list) { values.append(value) } }
      if list.keys.isEmpty { table.note("no value is described", at: "values") }
    } else if !table.has("values") {
      table.note("no value is described", at: "values")
    }
    return topic.map { Line(topic: $0, asset: asset, time: time, values: values) }
  }

  private static func value(_ name: String, in list: InputTable) -> Value? {
    guard let entry = list.table(name) else { return nil }
    let text = entry.text("path")
    let unit = entry.text("unit", default: "")
    let sign: CurrentSign = entry.choice("positive", default: .discharge) ?? .discharge
    guard let key = QuantityKey(rawValue: name), key != .time else {
      let near = InputTable.nearest(to: name, among: QuantityKey.allCases.map(\.rawValue))
      list.note("no such quantity" + (near.map { "; is \($0) meant?" } ?? ""), at: name)
      return nil
    }
    let symbol = QuantityCatalogue.descriptor(of: key).unit
    let conversion =
      unit.isEmpty
      ? UnitConversion(from: symbol, to: symbol) : UnitConversion(from: unit, to: symbol)
    guard let conversion else {
      entry.note(
        "'\(unit)' is no unit of \(name); \(symbol.isEmpty ? "a pure number or %" : symbol) "
          + "or a unit of the same kind is expected", at: "unit")
      return nil
    }
    if sign == .charge, key != .current, key != .power {
      entry.note("only current and power have a direction", at: "positive")
    }
    guard let path = Self.path(text, of: entry) else { return nil }
    return Value(
      key: key, path: path, scale: sign == .charge ? -conversion.scale : conversion.scale,
      offset: conversion.offset)
  }

  private static func path(_ text: String, of entry: InputTable) -> ValuePath? {
    let path = ValuePath(text)
    if path == nil {
      entry.note(
        "'\(text)' is no path; names with dots, [2] for one element, [] for all", at: "path")
    }
    return path
  }

  /// The reading in a message.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - received: Moment of reception, the time of messages that carry none.
  /// - Returns: The reading; a value that is no number is NaN.
  /// - Throws: ``Fault``.
  /// - Complexity: O(n) in the length of the payload.
  public func reading(
    of message: MQTTMessage, received: Double
  ) throws(Fault) -> SourceReading {
    for line in lines {
      guard let words = line.topic.words(in: message.topic) else { continue }
      let root: JSONNode
      do {
        root = try JSONNode(json: message.payload)
      } catch {
        if case .notJSON(let offset) = error { throw .notJSON(offset: offset) }
        throw .notJSON(offset: 0)
      }
      var asset = line.asset
      for (place, word) in words.enumerated() {
        asset = asset.replacingOccurrences(of: "{\(place + 1)}", with: word)
      }
      var reading = SourceReading(asset: asset, time: received, values: [:])
      if let time = line.time {
        guard let seconds = Self.seconds(time, in: root) else { throw .noTime(path: time.text) }
        reading.time = seconds
      }
      for value in line.values {
        let numbers = value.path.numbers(in: root)
        if !numbers.isEmpty {
          reading.values[value.key] = numbers.map { $0 * value.scale + value.offset }
        }
      }
      if reading.values.isEmpty { throw .nothingFound }
      return reading
    }
    throw .unknownTopic(message.topic)
  }

  private static func seconds(_ time: Time, in root: JSONNode) -> Double? {
    guard let node = time.path.nodes(in: root).first else { return nil }
    switch (time.unit, node) {
    case (.iso8601, .string(let text)):
      let plain = try? Date.ISO8601FormatStyle().parse(text)
      let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      return (plain ?? (try? fractional.parse(text)))?.timeIntervalSince1970
    case (.iso8601, _): return nil
    default:
      guard let number = time.path.numbers(in: root).first, number.isFinite else { return nil }
      switch time.unit {
      case .milliseconds: return number / 1e3
      case .microseconds: return number / 1e6
      case .nanoseconds: return number / 1e9
      case .seconds, .iso8601: return number
      }
    }
  }
}
