// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat conduction against analytic solutions.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Temperature fields")
struct ThermalFieldTests {
  static let size = SIMD3(0.02, 0.1, 0.15)
  static let conductivity = 1.5
  static let capacity = 600.0
  static let volume = 0.02 * 0.1 * 0.15

  static func slab(_ count: Int, _ face: ThermalFace, conductivity: Double = conductivity)
    -> ThermalField
  {
    .slab(
      size: size, conductivity: (conductivity, 20), capacity: capacity,
      faces: (face, face, .adiabatic), count: count)
  }

  static func uniformHeat(_ field: ThermalField, watts: Double) -> [Double] {
    let volume = field.volumes.reduce(0, +)
    return field.volumes.map { watts * $0 / volume }
  }

  @Test("A slab with uniform heat and fixed faces has the parabola, of second order")
  func slabParabola() throws {
    func error(_ count: Int) throws -> Double {
      let field = Self.slab(count, .fixed)
      let temperatures = try #require(
        field.steady(heat: Self.uniformHeat(field, watts: 30), surroundings: [300, 300, 300]))
      let density = 30 / Self.volume
      return zip(field.positions, temperatures).reduce(0) { worst, node in
        let x = node.0.x
        let exact = 300 + density / (2 * Self.conductivity) * x * (0.02 - x)
        return max(worst, abs(node.1 - exact))
      }
    }
    let coarse = try error(10)
    let fine = try error(20)
    #expect(fine < 0.05)
    #expect(abs(log2(coarse / fine) - 2) < 0.05)
  }

  @Test("A cylinder with convection has its parabola and its surface temperature")
  func cylinderParabola() throws {
    let radius = 0.0105
    let height = 0.07
    func fieldAndError(_ rings: Int) throws -> Double {
      let field = ThermalField.cylinder(
        radii: 0...radius, height: height, conductivity: (0.8, 25), capacity: 42,
        faces: (.convection(coefficient: 50), .adiabatic, .adiabatic), rings: rings)
      let volume = .pi * radius * radius * height
      let temperatures = try #require(
        field.steady(heat: Self.uniformHeat(field, watts: 5), surroundings: [290, 290, 290]))
      let surface = 290 + 5 / (50 * 2 * .pi * radius * height)
      let found = temperatures.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { field.surfaceMean($0, surroundings: [290, 290, 290]) } ?? .nan
      }
      #expect(abs(found - surface) < 1e-9)
      return zip(field.positions, temperatures).reduce(0) { worst, node in
        let r = node.0.x
        let exact = surface + 5 / volume / (4 * 0.8) * (radius * radius - r * r)
        return max(worst, abs(node.1 - exact))
      }
    }
    let coarse = try fieldAndError(8)
    let fine = try fieldAndError(16)
    #expect(fine < 0.02)
    #expect(abs(log2(coarse / fine) - 2) < 0.1)
  }

  /// The series of a slab that starts warm between faces kept cold.
  static func series(_ x: Double, _ time: Double) -> Double {
    let diffusivity = conductivity / (capacity / volume)
    var sum = 0.0
    for k in stride(from: 1, through: 199, by: 2) {
      let w = Double(k) * .pi / 0.02
      sum += 4 / (Double(k) * .pi) * sin(w * x) * exp(-w * w * diffusivity * time)
    }
    return 300 + 40 * sum
  }

  static func cooled(_ count: Int, time: Double) throws -> (ThermalField, [Double]) {
    let field = slab(count, .fixed)
    var system = HeatConduction(field, surroundings: 300)
    var integrator = StiffIntegrator(
      unknownCount: count, options: StiffOptions(relativeTolerance: 1e-9))
    let start = [Double](repeating: 340, count: count)
    #expect(integrator.start(&system, at: 0, from: start, span: time))
    #expect(integrator.advance(&system, until: time) == .reachedEnd)
    return (field, (0..<count).map { integrator.state[$0] })
  }

  @Test("A cooling slab follows the transient series, of second order")
  func slabSeries() throws {
    func error(_ count: Int) throws -> Double {
      let (field, temperatures) = try Self.cooled(count, time: 40)
      return zip(field.positions, temperatures).reduce(0) {
        max($0, abs($1.1 - Self.series($1.0.x, 40)))
      }
    }
    let coarse = try error(10)
    let fine = try error(20)
    #expect(fine < 0.07)
    #expect(abs(log2(coarse / fine) - 2) < 0.1)
  }

  @Test("A cooling cylinder decays with the first root of Bessel's function")
  func cylinderDecay() throws {
    let field = ThermalField.cylinder(
      radii: 0...0.02, height: 0.07, conductivity: (1, 25), capacity: 150,
      faces: (.fixed, .adiabatic, .adiabatic), rings: 40)
    let rate = 1 / (150 / (.pi * 0.02 * 0.02 * 0.07)) * pow(2.404_825_557_695_773 / 0.02, 2)
    let space = try field.stateSpace(step: 200, outputs: [.mean])
    // After 400 s the field is the slowest mode alone; one more step shows its rate.
    var t = [Double](repeating: 1, count: 40)
    var means: [Double] = []
    for _ in 0..<3 {
      t = (0..<40).map { i in (0..<40).reduce(0) { $0 + space.a[i * 40 + $1] * t[$1] } }
      means.append((0..<40).reduce(0) { $0 + space.c[$1] * t[$1] })
    }
    #expect(abs(-log(means[2] / means[1]) / 200 / rate - 1) < 1e-3)
  }

  @Test("State-space matrices give what the integrator gives, and exact steps")
  func stateSpace() throws {
    let (field, temperatures) = try Self.cooled(12, time: 25)
    let space = try field.stateSpace(
      step: 25, outputs: [.mean, .node(3), .face(0)])
    let inputs = [0, 300, 300, 300.0]
    let n = space.stateCount
    let t = (0..<n).map { i in
      (0..<n).reduce(0) { $0 + space.a[i * n + $1] * 340 }
        + (0..<4).reduce(0) { $0 + space.b[i * 4 + $1] * inputs[$1] }
    }
    for i in 0..<n { #expect(abs(t[i] - temperatures[i]) < 1e-4) }
    let y = (0..<3).map { row in
      (0..<n).reduce(0) { $0 + space.c[row * n + $1] * t[$1] }
        + (0..<4).reduce(0) { $0 + space.d[row * 4 + $1] * inputs[$1] }
    }
    #expect(abs(y[0] - t.reduce(0, +) / Double(n)) < 1e-9)
    #expect(abs(y[1] - t[3]) < 1e-9)
    #expect(abs(y[2] - 300) < 1e-9)
  }

  @Test("Symmetric cooling gives a symmetric field, in the plane too")
  func symmetry() throws {
    let field = ThermalField.sheet(
      size: Self.size, conductivity: (1, 30), capacity: 600,
      faces: (
        .convection(coefficient: 8), .contact(resistance: 0.01), .convection(coefficient: 20)
      ),
      columns: 6, rows: 4)
    let t = try #require(
      field.steady(heat: Self.uniformHeat(field, watts: 40), surroundings: [300, 290, 295]))
    for row in 0..<4 {
      for column in 0..<6 {
        let here = t[row * 6 + column]
        #expect(abs(here - t[row * 6 + 5 - column]) < 1e-9)
        #expect(abs(here - t[(3 - row) * 6 + column]) < 1e-9)
      }
    }
    // What is generated leaves through the faces.
    var heat = Self.uniformHeat(field, watts: 40)
    let lost = t.withUnsafeBufferPointer { buffer -> Double in
      guard let base = buffer.baseAddress else { return .nan }
      return heat.withUnsafeMutableBufferPointer {
        $0.baseAddress.map { field.addFlows(base, surroundings: [300, 290, 295], to: $0) } ?? .nan
      }
    }
    #expect(abs(lost - 40) < 1e-9)
    #expect(heat.allSatisfy { abs($0) < 1e-9 })
  }

  @Test("A conductivity without bound makes the field one temperature")
  func lumpedLimit() throws {
    let field = Self.slab(16, .convection(coefficient: 12), conductivity: 1e6)
    let t = try #require(
      field.steady(heat: Self.uniformHeat(field, watts: 20), surroundings: [300, 300, 300]))
    let expected = 300 + 20 / (12 * 2 * 0.1 * 0.15)
    #expect(t.allSatisfy { abs($0 - expected) < 1e-3 })
    let closed = Self.slab(4, .adiabatic)
    #expect(
      closed.steady(
        heat: Self.uniformHeat(closed, watts: 1), surroundings: [300, 300, 300]) == nil)
  }

  @Test("Layers conduct in series across and in parallel along")
  func layers() {
    let both = CellFieldParameters.stack([(1e-4, 2), (3e-4, 0.5)])
    #expect(abs(both.through - 4e-4 / (5e-5 + 6e-4)) < 1e-12)
    #expect(abs(both.inPlane - (2e-4 + 1.5e-4) / 4e-4) < 1e-12)
  }
}
