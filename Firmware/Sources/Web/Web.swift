// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The closed loop as functions of a WebAssembly module.

import BMSCore
import ClosedLoop

@inline(never)
func digest<Real: CoreReal>(_ type: Real.Type, cycles: Int32) -> UInt32 {
  var loop = ClosedLoop<16, 8, Real>()
  var cycle: Int32 = 0
  while cycle < cycles {
    loop.prepare(faultAfter: 90)
    loop.decide()
    loop.note()
    cycle += 1
  }
  return loop.digest
}

/// Digest of the closed loop in single precision after so many cycles.
@_expose(wasm, "float_digest")
@c(float_digest)
public func floatDigest(_ cycles: Int32) -> UInt32 { digest(Float.self, cycles: cycles) }

/// Digest of the closed loop in double precision after so many cycles.
@_expose(wasm, "double_digest")
@c(double_digest)
public func doubleDigest(_ cycles: Int32) -> UInt32 { digest(Double.self, cycles: cycles) }
