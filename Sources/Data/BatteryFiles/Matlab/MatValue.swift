// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Variables of a MATLAB file as Swift values, copied out of libmatio at once.

import CMatio

/// A variable of a MATLAB file, copied out of libmatio so that no pointer outlives the file.
indirect enum MatValue {
  /// A numeric array in column-major order, with its imaginary part where it is complex.
  case numbers([Double], imaginary: [Double]?)
  /// A text.
  case text(String)
  /// An array of structures; each element has its fields by name.
  case structures([[String: MatValue]])
  /// Anything else.
  case other

  /// The real numbers; empty for anything else.
  var numbers: [Double] {
    if case .numbers(let values, _) = self { return values }
    return []
  }

  /// The first number, or nil.
  var scalar: Double? { numbers.first }

  /// The text, or nil.
  var text: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  /// The elements of an array of structures; empty for anything else.
  var elements: [[String: MatValue]] {
    if case .structures(let elements) = self { return elements }
    return []
  }

  /// Nesting deeper than any battery data set's, against stack exhaustion.
  private static let deepest = 16
  /// Most structures in one array.
  private static let mostElements = 1 << 20

  /// Copies a variable.
  ///
  /// - Parameters:
  ///   - variable: A variable with its data read.
  ///   - depth: Nesting of the variable in structures.
  init(_ variable: UnsafePointer<matvar_t>, depth: Int = 0) {
    let info = variable.pointee
    guard depth < Self.deepest, let count = Self.elementCount(info) else {
      self = .other
      return
    }
    switch info.class_type {
    case MAT_C_STRUCT:
      self = Self.structures(variable, count: count, depth: depth)
    case MAT_C_CHAR:
      self = .text(Self.characters(info, count: count))
    case MAT_C_DOUBLE, MAT_C_SINGLE, MAT_C_INT8, MAT_C_UINT8, MAT_C_INT16, MAT_C_UINT16,
      MAT_C_INT32, MAT_C_UINT32, MAT_C_INT64, MAT_C_UINT64:
      self = Self.numbers(info, count: count)
    default:
      self = .other
    }
  }

  /// The product of the dimensions, or nil where it overflows or is absurd.
  private static func elementCount(_ info: matvar_t) -> Int? {
    guard info.rank > 0, info.rank <= 32, let dims = info.dims else { return nil }
    var count = 1
    for index in 0..<Int(info.rank) {
      guard let size = Int(exactly: dims[index]) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= 1 << 31 else { return nil }
      count = product
    }
    return count
  }

  private static func structures(
    _ variable: UnsafePointer<matvar_t>, count: Int, depth: Int
  ) -> MatValue {
    let mutable = UnsafeMutablePointer(mutating: variable)
    let fieldCount = min(Int(Mat_VarGetNumberOfFields(mutable)), 1000)
    guard count <= mostElements, fieldCount > 0,
      let names = Mat_VarGetStructFieldnames(variable)
    else { return .structures([]) }
    var elements: [[String: MatValue]] = []
    elements.reserveCapacity(count)
    for element in 0..<count {
      var fields: [String: MatValue] = [:]
      for field in 0..<fieldCount {
        guard let name = names[field],
          let value = Mat_VarGetStructFieldByIndex(mutable, field, element)
        else { continue }
        fields[String(cString: name)] = MatValue(value, depth: depth + 1)
      }
      elements.append(fields)
    }
    return .structures(elements)
  }

  private static func characters(_ info: matvar_t, count: Int) -> String {
    guard let data = info.data, info.isComplex == 0 else { return "" }
    let readable = min(count, Int(clamping: info.nbytes) / max(1, Int(info.data_size)), 4096)
    switch info.data_type {
    case MAT_T_UINT16, MAT_T_UTF16:
      let units = UnsafeBufferPointer(
        start: data.assumingMemoryBound(to: UInt16.self), count: readable)
      return String(decoding: units, as: UTF16.self)
    case MAT_T_UINT8, MAT_T_INT8, MAT_T_UTF8:
      let units = UnsafeBufferPointer(
        start: data.assumingMemoryBound(to: UInt8.self), count: readable)
      return String(decoding: units, as: UTF8.self)
    default:
      return ""
    }
  }

  private static func numbers(_ info: matvar_t, count: Int) -> MatValue {
    guard let data = info.data else { return .numbers([], imaginary: nil) }
    guard info.isComplex != 0 else {
      return .numbers(copy(data, info, count), imaginary: nil)
    }
    let parts = data.assumingMemoryBound(to: mat_complex_split_t.self).pointee
    guard let real = parts.Re, let imaginary = parts.Im else {
      return .numbers([], imaginary: nil)
    }
    return .numbers(copy(real, info, count), imaginary: copy(imaginary, info, count))
  }

  private static func copy(
    _ data: UnsafeMutableRawPointer, _ info: matvar_t, _ count: Int
  ) -> [Double] {
    // libmatio states the bytes it allocated; never read past them.
    let readable = min(count, Int(clamping: info.nbytes) / max(1, Int(info.data_size)))
    func all<Number: BinaryInteger>(_ type: Number.Type) -> [Double] {
      UnsafeBufferPointer(start: data.assumingMemoryBound(to: type), count: readable)
        .map { Double($0) }
    }
    switch info.data_type {
    case MAT_T_DOUBLE:
      return Array(
        UnsafeBufferPointer(start: data.assumingMemoryBound(to: Double.self), count: readable))
    case MAT_T_SINGLE:
      return UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: readable)
        .map { Double($0) }
    case MAT_T_INT8: return all(Int8.self)
    case MAT_T_UINT8: return all(UInt8.self)
    case MAT_T_INT16: return all(Int16.self)
    case MAT_T_UINT16: return all(UInt16.self)
    case MAT_T_INT32: return all(Int32.self)
    case MAT_T_UINT32: return all(UInt32.self)
    case MAT_T_INT64: return all(Int64.self)
    case MAT_T_UINT64: return all(UInt64.self)
    default: return []
    }
  }
}
