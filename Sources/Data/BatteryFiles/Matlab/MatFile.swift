// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The variables of a MATLAB v5 file through libmatio.

import CMatio
import Foundation

/// Reads the variables of a MATLAB v5 file through libmatio.
enum MatFile {
  /// Whether the first bytes are those of a MATLAB v5 file.
  static func isMatlab(_ head: [UInt8]) -> Bool {
    head.count >= 128 && head.starts(with: Array("MATLAB 5.0 MAT-file".utf8))
      && ((head[126] == 0x49 && head[127] == 0x4D) || (head[126] == 0x4D && head[127] == 0x49))
  }

  /// The variables in the order of the file.
  ///
  /// libmatio holds a variable whole, so the size of the file is limited.
  ///
  /// - Parameter path: A file that begins like a MATLAB v5 file.
  /// - Returns: Names and values.
  /// - Throws: ``FileError`` when the file is cut, damaged or too large.
  static func variables(of path: String) throws(FileError) -> [(name: String, value: MatValue)] {
    let file = try PlainFile(path: path)
    guard file.byteCount <= ReadLimits.matlabBytes else {
      throw .tooLarge(
        file: path, what: "bytes of MATLAB data", value: file.byteCount,
        limit: ReadLimits.matlabBytes)
    }
    let elements = try MatStructure.check(file)
    guard let mat = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue)) else {
      throw .library(
        file: path, name: "libmatio", code: -1, message: "the MATLAB header is damaged")
    }
    defer { Mat_Close(mat) }
    var variables: [(name: String, value: MatValue)] = []
    while let variable = Mat_VarReadNext(mat) {
      defer { Mat_VarFree(variable) }
      guard let name = variable.pointee.name else { continue }
      variables.append((String(cString: name), MatValue(variable)))
    }
    guard variables.count >= elements else {
      throw .library(
        file: path, name: "libmatio", code: variables.count,
        message: "only \(variables.count) of \(elements) variables can be read")
    }
    return variables
  }
}
