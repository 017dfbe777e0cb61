// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Exponential, logarithm and hyperbolic tangent in single precision.

/// Method and coefficients: the freely distributable libm (Sun Microsystems, 1993, ef_exp.c, ef_log.c).
extension Float: CoreReal {
  /// eˣ, within two units in the last place.
  public static func exponential(_ x: Float) -> Float {
    if x.isNaN { return x }
    if x > 88.72283 { return .infinity }
    if x < -103.97208 { return 0 }
    let k = (x * 1.44269502).rounded()
    let high = x - k * 6.9314575195e-01
    let low = k * 1.4286067653e-06
    let r = high - low
    let t = r * r
    let p =
      1.6666667163e-01
      + t
      * (-2.7777778450e-03
        + t * (6.6137559770e-05 + t * (-1.6533901999e-06 + t * 4.1381369442e-08)))
    let c = r - t * p
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    let whole = Int(k)
    let half = whole / 2
    return y * powerOfTwo(half) * powerOfTwo(whole - half)
  }

  /// ln x, within two units in the last place.
  public static func logarithm(_ x: Float) -> Float {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return -.infinity }
    if x == .infinity { return x }
    var k = 0
    var m = x
    if m < .leastNormalMagnitude {
      m *= 33_554_432  // 2^25
      k = -25
    }
    let bits = m.bitPattern
    k += Int(truncatingIfNeeded: bits >> 23) - 127
    m = Float(bitPattern: bits & 0x007F_FFFF | 0x3F80_0000)
    if m > 1.41421354 {
      m *= 0.5
      k += 1
    }
    let f = m - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even = w * (4.0000000596e-01 + w * (2.2222198546e-01 + w * 1.5313838422e-01))
    let odd =
      z
      * (6.6666668653e-01
        + w * (2.8571429849e-01 + w * (1.8183572590e-01 + w * 1.4798198640e-01)))
    let square = 0.5 * f * f
    let exponent = Float(k)
    return exponent * 6.9313812256e-01
      - ((square - (s * (square + (even + odd)) + exponent * 9.0580006145e-06)) - f)
  }

  /// tanh x, within three units in the last place.
  public static func hyperbolicTangent(_ x: Float) -> Float {
    if x.isNaN { return x }
    let a = x.magnitude
    if a > 10 { return x < 0 ? -1 : 1 }
    if a < 0.5 {
      let t = x * x
      return x / (1 + t / (3 + t / (5 + t / (7 + t / 9))))
    }
    let e = exponential(2 * a)
    let y = 1 - 2 / (e + 1)
    return x < 0 ? -y : y
  }

  /// 2ⁿ for −126 ≤ n ≤ 127.
  private static func powerOfTwo(_ n: Int) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: n &+ 127) << 23)
  }
}
