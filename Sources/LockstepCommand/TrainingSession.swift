import ArgumentParser
import BuildFacts
import Checkpoints
import Console
import Dashboard
import Foundation
import Launching
import Lockstep
import Support

/// One rank's run of a recipe, from the first file to the last.
struct TrainingSession {
  let directory: RunDirectory
  let group: any Group
  let resume: ResumeChoice
  let progress: ProgressBar
  let writesTensorBoard: Bool
  /// The folder of MLflow's file store; nil for none.
  let mlflow: String?
  /// Steps between histograms; nil for none.
  let histogramsEvery: Int?
  let tracer: Tracer
  /// Where rank 0 serves the live page, if anywhere.
  let page: PageAddress?
  /// How many models are trained, each on all rows but one fold; nil for one on all rows.
  let folds: Int?
  /// The relative speeds of the ranks, with commas; nil for equal ranks.
  let weights: String?
  private let closing = ClosingLines()

  func run(_ readRecipe: () throws -> Recipe) throws {
    do {
      let lock = try together { group.rank == 0 ? try lockFolder() : nil }
      defer { withExtendedLifetime(lock) {} }
      try Work.$bar.withValue(group.rank == 0 ? progress.workBar : nil) {
        if let folds {
          try trainFolds(folds, readRecipe)
        } else {
          _ = try train(assemble(readRecipe), in: directory)
        }
      }
      try group.leaveWithMPI()
      try closing.check()
    } catch let error as ExitCode {
      try? group.leaveWithMPI()
      throw error
    } catch TrainingError.stopped(let step) {
      try group.leaveWithMPI()
      throw TrainingError.stopped(step: step)
    } catch let error as TrainingError where error.isOfTheCheckpoint {
      // All ranks have read the same checkpoint, so they part in order, and one says why.
      throw partInOrder(after: error)
    } catch let error as GroupError where error.verdict?.cause == .diverged {
      // All ranks have seen the same, so they part in order.
      if let verdict = error.verdict { VerdictFile.write(verdict, of: group.rank, to: directory.verdicts) }
      throw partInOrder(after: error)
    } catch let error as StandardOutputError {
      throw error
    } catch {
      // The others must not wait for a rank that has given up.
      group.fail(String(describing: error))
      throw error
    }
  }

  /// - Returns: what this rank ends with after an error that all ranks have seen.
  private func partInOrder(after error: any Error) -> ReportedError {
    printOnce("\(error)")
    try? group.leaveWithMPI()
    return ReportedError(error)
  }

  /// Has rank 0 print what all ranks end for, before any of them does: where one has ended with an error, mpirun ends the others.
  private func printOnce(_ reason: String) {
    if group.rank == 0 { complain(reason) }
    try? group.barrier(name: "error printed", step: 0)
  }

  /// Makes the run's folder and keeps others out of it.
  private func lockFolder() throws -> FolderLock {
    try directory.create()
    let isSupervised = LaunchRequest.isSupervised
    if !isSupervised { try FolderLock.check(directory.path, as: .launch) }
    // A rank of an earlier start may take a moment to end.
    let lock = try FolderLock(directory.path, as: .train, patience: isSupervised ? 20 : 0)
    if let reason = lock.unavailable {
      progress.observe(.warning("\(directory.path) cannot be locked (\(reason)); start no second run there"))
    }
    return lock
  }

  private func trainFolds(_ count: Int, _ readRecipe: () throws -> Recipe) throws {
    var predictions = OutOfFold()
    // Each fold's folder begins anew by itself; this is for what lies next to them.
    if resume == .never, group.rank == 0, let note = try directory.beginAnew() { progress.observe(.warning(note)) }
    for index in 0..<max(1, count) {
      let assembly = try assemble(readRecipe, fold: (index, count))
      let trainer = try train(assembly, in: directory.fold(index, of: count))
      guard let heldOut = assembly.heldOut else { continue }
      try predictions.add(heldOut, by: trainer)
    }
    if group.rank == 0 { try AtomicFile.write(predictions.text, to: directory.path + "/out-of-fold.jsonl") }
  }

  private func assemble(
    _ readRecipe: () throws -> Recipe, fold: (index: Int, count: Int)? = nil
  ) throws -> RunAssembly {
    let recipe = try together(readRecipe)
    try agree(recipe)
    let streamed = recipe.data.isStreamed && group.size > 1 ? try StreamedFiles(recipe, over: group) : nil
    defer { withExtendedLifetime(streamed) {} }
    let assembly = try together {
      let recipe = try streamed?.recipe() ?? recipe
      let ranksOnHost = Processor.ranksOnHost(groupSize: group.size)
      return try RunAssembly(
        recipe, threads: recipe.threads ?? Processor.threads(ranksOnHost: ranksOnHost), fold: fold,
        place: (group.rank, group.size))
    }
    return assembly
  }

  /// Prepares something on every rank. What is wrong with a recipe or its data is wrong on all of them, so it is said
  /// once, by rank 0, and all ranks end with its status.
  private func together<Value>(_ body: () throws -> Value) throws -> Value {
    let outcome = Result { try body() }
    var message: [UInt8] = [0]
    if case .failure(let error) = outcome {
      message = [ExitClass(of: error).rawValue] + Array(String(describing: error).utf8)
    }
    let everyone = try group.allGather(message, name: "preparation", step: 0)
    guard let failed = everyone.firstIndex(where: { $0.first != 0 }) else { return try outcome.get() }
    let place = failed == 0 ? "" : "rank \(failed): "
    printOnce(place + String(decoding: everyone[failed].dropFirst(), as: UTF8.self))
    throw ExitCode(Int32(everyone[failed].first ?? ExitClass.fault.rawValue))
  }

  /// - Throws: `GroupError` where the ranks do not follow the same recipe.
  private func agree(_ recipe: Recipe) throws {
    let own = recipe.canonicalText + (weights.map { "# weights: \($0)" } ?? "")
    let texts = try group.allGather(Array(own.utf8), name: "recipe", step: 0)
    guard let other = texts.firstIndex(where: { $0 != texts[0] }) else { return }
    throw GroupError.layout(
      reason: "rank \(other) follows another recipe, or other weights, than rank 0",
      advice: "start every rank with the same recipe, the same --set and the same --weights")
  }

  /// - Throws: `GroupError` where the weights are not one whole number a rank.
  private func speeds() throws -> [Int]? {
    guard let weights else { return nil }
    let speeds = weights.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard speeds.count == group.size, speeds.allSatisfy({ 0...1 << 31 ~= $0 }), speeds.contains(where: { $0 > 0 }),
      speeds.count == weights.count(where: { $0 == "," }) + 1
    else {
      throw GroupError.layout(
        reason: "the weights \(weights) do not fit \(group.size) ranks",
        advice: "give one whole number a rank, such as 1,3 for two ranks, and not 0 for all")
    }
    return speeds
  }

  private func train(_ assembly: RunAssembly, in directory: RunDirectory) throws -> Trainer {
    let isRoot = group.rank == 0
    if isRoot { try directory.create() }
    let page = isRoot ? page.flatMap { PageProcess.beside(directory, at: $0) } : nil
    defer { page?.close() }
    let sharing = try OutputSharing(of: directory, over: group)
    if !sharing.isShared, !assembly.recipe.data.isStreamed { try RowAgreement.check(assembly.recipe, over: group) }
    let replicas = DataParallelGroup(
      try assembly.recipe.reduction.group(over: group), reduction: assembly.recipe.reduction, weights: try speeds())
    replicas.tracer = tracer
    let trainer = Trainer(
      parts: assembly.parts, settings: assembly.settings, replicas: replicas, engine: assembly.engine)
    let run = TrainingRun(
      trainer: trainer, directory: directory, exporter: assembly.exporter,
      keeper: CheckpointKeeper(
        directory: directory, recipe: assembly.recipe,
        storage: FaultyStorage.planned(rank: group.rank, below: directory.path), sharing: sharing,
        inputs: isRoot ? RunInputs(of: assembly) : nil),
      observers: isRoot ? observers(of: assembly, in: directory) : [],
      isStopRequested: { StopRequest.isRequested })
    run.histogramsEvery = histogramsEvery
    progress.stepsPerEpoch = assembly.parts.plan.stepsPerEpoch
    run.keepImprovements = assembly.recipe.checkpoint.keepImprovements
    run.foreignModels = assembly.foreignModels
    let difference = assembly.recipe.numerics == .library ? try MachineFacts.difference(in: group) : nil
    let idle = IdleRanks(assembly.recipe.batch, groupSize: group.size, weights: try speeds())?.description
    let warnings = [difference, assembly.recipe.reduction.warning, idle].compactMap(\.self)
    var summary = try Timeline.record(tracer, group, in: directory) {
      try run.run(resume: resume, notes: assembly.notes, warnings: warnings)
    }
    summary.restarts = LaunchRequest.restartsSoFar
    summary.threads = assembly.engine.workers.count
    summary.reduction = assembly.recipe.reduction.description
    summary.numerics = assembly.recipe.numerics.rawValue
    if isRoot { try finish(summary, of: assembly.recipe, in: directory) }
    return trainer
  }

  private func observers(of assembly: RunAssembly, in directory: RunDirectory) -> [any Observer] {
    let (recipe, banner) = (assembly.recipe, StartBanner(assembly, ranks: group.size, output: directory.path))
    progress.banner = banner
    let facts = banner.facts(of: assembly, hosts: group.hosts, version: Version.text)
    var observers: [any Observer] = [
      MetricsLog(path: directory.metrics, wait: directory.diskWait),
      HistoryLog(
        path: directory.history, wait: directory.diskWait, run: facts),
      Ledger(directory: directory, recipe: recipe),
    ]
    if writesTensorBoard { observers.append(EventLog(directory: directory, recipe: recipe)) }
    if let mlflow { observers.append(MLflowLog(folder: mlflow, directory: directory, recipe: recipe)) }
    return observers + [progress]
  }

  private func finish(_ summary: RunSummary, of recipe: Recipe, in directory: RunDirectory) throws {
    if summary.wasFinished {
      ExitNote.leave(status: 0, reason: "the run is finished", in: directory.verdicts)
      closing.print(
        "the run in \(directory.path) is finished after \(summary.steps) steps, so nothing is changed; raise epochs or steps"
          + " to train on, or give another --output")
      return
    }
    let model = directory.model("last")
    let hash = try sha256OfTensorData(model + "/model.safetensors")
    var summary = summary
    summary.machine = MachineFacts.here.json
    let complete = summary
    try directory.diskWait.retrying(directory.summary) { try complete.write(to: directory.summary, weightsHash: hash) }
    let positive = summary.positive.map { " (class \($0))" } ?? ""
    let best = summary.best.map {
      ", best \(summary.bestMetric) \($0.text(decimals: 4))\(positive) at step \(summary.bestStep)"
    }
    let steps = summary.steps == 1 ? "1 step" : "\(summary.steps) steps"
    closing.print(
      "trained \(steps) in \(summary.seconds.text(decimals: 1)) s on \(summary.ranks.of("rank"))"
        + (best ?? ""))
    closing.print("model: \(directory.model("best")) (best), \(model) (last)")
    let next = NextCommands(directory: directory, recipe: recipe)
    for line in next.lines { closing.print(line) }
  }
}
