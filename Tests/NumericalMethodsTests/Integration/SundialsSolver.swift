// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// SUNDIALS' solvers behind a Swift face, for the tests of the own integrator.

import CSundials

/// What a solver of SUNDIALS reached, and its work.
struct SundialsResult {
  var state: [Double] = []
  var steps = 0
  var evaluations = 0
  var factorizations = 0
}

/// Solves a problem with IDA (any) or CVODE (without algebraic rows), dense matrices by
/// differences.
enum SundialsSolver {
  /// A call that SUNDIALS refused or failed.
  struct Failure: Error, CustomStringConvertible {
    let call: String
    let code: Int32
    var description: String { "SUNDIALS: \(call) returned \(code)" }
  }

  /// What the C callbacks need of a problem.
  private final class Context {
    let problem: StiffProblem
    var rates: [Double]
    init(_ problem: StiffProblem) {
      self.problem = problem
      rates = .init(repeating: 0, count: problem.mass.count)
    }
  }

  private static func check(_ call: String, _ code: Int32) throws {
    guard code >= 0 else { throw Failure(call: call, code: code) }
  }

  private static func made<Value>(_ call: String, _ value: Value?) throws -> Value {
    guard let value else { throw Failure(call: call, code: -1) }
    return value
  }

  private static func vector(_ values: [Double], _ context: SUNContext) throws -> N_Vector {
    let vector = try made(
      "N_VNew_Serial", N_VNew_Serial(sunindextype(values.count), context))
    let data = try made("N_VGetArrayPointer", N_VGetArrayPointer(vector))
    for (n, value) in values.enumerated() { data[n] = value }
    return vector
  }

  /// Integrates with IDA after its own search for a consistent start.
  static func ida(_ problem: StiffProblem, tolerance: Double) throws -> SundialsResult {
    var opened: SUNContext?
    try check("SUNContext_Create", SUNContext_Create(nil, &opened))
    let context = try made("SUNContext_Create", opened)
    defer { SUNContext_Free(&opened) }
    let user = Context(problem)
    let pointer = Unmanaged.passUnretained(user).toOpaque()
    let count = problem.mass.count
    problem.rightSide(0, problem.initial, &user.rates)
    let slopes = (0..<count).map { problem.mass[$0] == 0 ? 0 : user.rates[$0] / problem.mass[$0] }
    let y = try vector(problem.initial, context)
    let slope = try vector(slopes, context)
    let identity = try vector(problem.mass.map { $0 == 0 ? 0 : 1 }, context)
    let floors = try vector(problem.floor.map { $0 * tolerance }, context)
    let matrix = try made(
      "SUNDenseMatrix", SUNDenseMatrix(sunindextype(count), sunindextype(count), context))
    let linear = try made("SUNLinSol_Dense", SUNLinSol_Dense(y, matrix, context))
    var memory: UnsafeMutableRawPointer? = try made("IDACreate", IDACreate(context))
    defer {
      IDAFree(&memory)
      _ = SUNLinSolFree(linear)
      SUNMatDestroy(matrix)
      for vector in [y, slope, identity, floors] { N_VDestroy(vector) }
    }
    let residual: IDAResFn = { time, y, slope, residual, user in
      guard let y = N_VGetArrayPointer(y), let slope = N_VGetArrayPointer(slope),
        let residual = N_VGetArrayPointer(residual), let user
      else { return -1 }
      let context = Unmanaged<Context>.fromOpaque(user).takeUnretainedValue()
      context.problem.rightSide(time, y, residual)
      for (n, mass) in context.problem.mass.enumerated() {
        residual[n] = mass * slope[n] - residual[n]
      }
      return 0
    }
    try check("IDAInit", IDAInit(memory, residual, 0, y, slope))
    try check("IDASVtolerances", IDASVtolerances(memory, tolerance, floors))
    try check("IDASetUserData", IDASetUserData(memory, pointer))
    try check("IDASetLinearSolver", IDASetLinearSolver(memory, linear, matrix))
    try check("IDASetId", IDASetId(memory, identity))
    try check("IDASetMaxNumSteps", IDASetMaxNumSteps(memory, 1_000_000))
    if !problem.isDifferential {
      try check("IDACalcIC", IDACalcIC(memory, IDA_YA_YDP_INIT, 1e-3 * problem.end))
    }
    try check("IDASetStopTime", IDASetStopTime(memory, problem.end))
    var reached = 0.0
    try check("IDASolve", IDASolve(memory, problem.end, &reached, y, slope, IDA_NORMAL))
    var (steps, evaluations, differences, setups) = (0, 0, 0, 0)
    try check("IDAGetNumSteps", IDAGetNumSteps(memory, &steps))
    try check("IDAGetNumResEvals", IDAGetNumResEvals(memory, &evaluations))
    try check("IDAGetNumLinResEvals", IDAGetNumLinResEvals(memory, &differences))
    try check("IDAGetNumLinSolvSetups", IDAGetNumLinSolvSetups(memory, &setups))
    let data = try made("N_VGetArrayPointer", N_VGetArrayPointer(y))
    return SundialsResult(
      state: (0..<count).map { data[$0] }, steps: steps, evaluations: evaluations + differences,
      factorizations: setups)
  }

  /// Integrates a problem without algebraic rows with CVODE's backward differentiation formulas.
  static func cvode(_ problem: StiffProblem, tolerance: Double) throws -> SundialsResult {
    var opened: SUNContext?
    try check("SUNContext_Create", SUNContext_Create(nil, &opened))
    let context = try made("SUNContext_Create", opened)
    defer { SUNContext_Free(&opened) }
    let user = Context(problem)
    let pointer = Unmanaged.passUnretained(user).toOpaque()
    let count = problem.mass.count
    let y = try vector(problem.initial, context)
    let floors = try vector(problem.floor.map { $0 * tolerance }, context)
    let matrix = try made(
      "SUNDenseMatrix", SUNDenseMatrix(sunindextype(count), sunindextype(count), context))
    let linear = try made("SUNLinSol_Dense", SUNLinSol_Dense(y, matrix, context))
    var memory: UnsafeMutableRawPointer? = try made("CVodeCreate", CVodeCreate(CV_BDF, context))
    defer {
      CVodeFree(&memory)
      _ = SUNLinSolFree(linear)
      SUNMatDestroy(matrix)
      for vector in [y, floors] { N_VDestroy(vector) }
    }
    let rates: CVRhsFn = { time, y, rates, user in
      guard let y = N_VGetArrayPointer(y), let rates = N_VGetArrayPointer(rates), let user
      else { return -1 }
      let context = Unmanaged<Context>.fromOpaque(user).takeUnretainedValue()
      context.problem.rightSide(time, y, rates)
      for (n, mass) in context.problem.mass.enumerated() { rates[n] /= mass }
      return 0
    }
    try check("CVodeInit", CVodeInit(memory, rates, 0, y))
    try check("CVodeSVtolerances", CVodeSVtolerances(memory, tolerance, floors))
    try check("CVodeSetUserData", CVodeSetUserData(memory, pointer))
    try check("CVodeSetLinearSolver", CVodeSetLinearSolver(memory, linear, matrix))
    try check("CVodeSetMaxNumSteps", CVodeSetMaxNumSteps(memory, 1_000_000))
    try check("CVodeSetStopTime", CVodeSetStopTime(memory, problem.end))
    var reached = 0.0
    try check("CVode", CVode(memory, problem.end, y, &reached, CV_NORMAL))
    var (steps, evaluations, differences, setups) = (0, 0, 0, 0)
    try check("CVodeGetNumSteps", CVodeGetNumSteps(memory, &steps))
    try check("CVodeGetNumRhsEvals", CVodeGetNumRhsEvals(memory, &evaluations))
    try check("CVodeGetNumLinRhsEvals", CVodeGetNumLinRhsEvals(memory, &differences))
    try check("CVodeGetNumLinSolvSetups", CVodeGetNumLinSolvSetups(memory, &setups))
    let data = try made("N_VGetArrayPointer", N_VGetArrayPointer(y))
    return SundialsResult(
      state: (0..<count).map { data[$0] }, steps: steps, evaluations: evaluations + differences,
      factorizations: setups)
  }
}
