// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Exponential, logarithm and hyperbolic tangent in double precision.

/// Method and coefficients: the freely distributable libm (Sun Microsystems, 1993, e_exp.c, e_log.c):
/// reduction to |r| ≤ ½ ln 2, and a rational function of r².
extension Double: CoreReal {
  /// eˣ, within two units in the last place.
  public static func exponential(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.782712893384 { return .infinity }
    if x < -745.133219101941 { return 0 }
    let k = (x * 1.4426950408889634).rounded()
    let high = x - k * 6.93147180369123816490e-01
    let low = k * 1.90821492927058770002e-10
    let r = high - low
    let t = r * r
    let p =
      1.66666666666666019037e-01
      + t
      * (-2.77777777770155933842e-03
        + t
        * (6.61375632143793436117e-05
          + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)))
    let c = r - t * p
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    // Two factors, as 2^k alone may lie outside the range of exponents.
    let whole = Int(k)
    let half = whole / 2
    return y * powerOfTwo(half) * powerOfTwo(whole - half)
  }

  /// ln x, within two units in the last place.
  public static func logarithm(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return -.infinity }
    if x == .infinity { return x }
    // x = 2^k (1 + f), with 1 + f in [√½, √2).
    var k = 0
    var m = x
    if m < .leastNormalMagnitude {
      m *= 18_014_398_509_481_984  // 2^54
      k = -54
    }
    let bits = m.bitPattern
    k += Int(truncatingIfNeeded: bits >> 52) - 1023
    m = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    if m > 1.4142135623730951 {
      m *= 0.5
      k += 1
    }
    let f = m - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even =
      w
      * (3.999999999940941908e-01
        + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let odd =
      z
      * (6.666666666666735130e-01
        + w
        * (2.857142874366239149e-01
          + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let square = 0.5 * f * f
    let exponent = Double(k)
    return exponent * 6.93147180369123816490e-01
      - ((square - (s * (square + (even + odd)) + exponent * 1.90821492927058770002e-10)) - f)
  }

  /// tanh x, within three units in the last place.
  public static func hyperbolicTangent(_ x: Double) -> Double {
    if x.isNaN { return x }
    let a = x.magnitude
    if a > 20 { return x < 0 ? -1 : 1 }
    if a < 0.625 {
      // Continued fraction of Lambert (1761), nine levels: below one unit in the last place here.
      let t = x * x
      return x
        / (1 + t / (3 + t / (5 + t / (7 + t / (9 + t / (11 + t / (13 + t / (15 + t / 17))))))))
    }
    let e = exponential(2 * a)
    let y = 1 - 2 / (e + 1)
    return x < 0 ? -y : y
  }

  /// 2ⁿ for −1022 ≤ n ≤ 1023.
  private static func powerOfTwo(_ n: Int) -> Double {
    Double(bitPattern: UInt64(truncatingIfNeeded: n &+ 1023) << 52)
  }
}
