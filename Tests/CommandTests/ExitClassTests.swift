import Collectives
import Console
import Dashboard
import Data
import Diagnostics
import Foundation
import Launching
import Lockstep
import Models
import Optimizers
import Support
import Testing

/// Errors as the process ends with them: launchers and supervisors rely on the statuses.
struct ExitClassTests {
  private static let verdict = Verdict(
    rank: 1, host: "b", cause: .silent, detail: "", operation: "sum 'gradient'", step: 3)

  /// An error and its status.
  struct Case: Sendable {
    let error: any Error
    let status: Int32

    init(_ error: any Error, _ status: Int32) { (self.error, self.status) = (error, status) }
  }

  private static let cases: [Case] = [
    Case(RecipeError(source: "a.yaml", key: "seed", problem: "is wrong"), 2),
    Case(ModelError(file: "m", problem: "is wrong", remedy: "mend it"), 2),
    Case(SafetensorsError(file: "m", "is wrong"), 2),
    Case(VocabularyError.empty(file: "v"), 2),
    Case(FileError(file: "f", reason: "not there"), 2),
    Case(TableError(file: "t", problem: "is wrong", remedy: "mend it"), 2),
    Case(TokenDatasetError.maximumLength(1, shortest: 3), 2),
    Case(ImageError.notIDX(file: "i"), 2),
    Case(BatchPlanError.noRows, 2),
    Case(RunDirectoryError(path: "r", problem: "is wrong"), 2),
    Case(EnsembleError("e", nil, "is wrong", "mend it"), 2),
    Case(TrainingError.notFinite(step: 1, norm: .nan, origin: .everywhere), 2),
    Case(TrainingError.notFinite(step: 1, norm: .nan, origin: .nothing), 75),
    Case(TrainingError.alwaysOverflows(step: 1, scale: 1), 2),
    Case(TrainingError.noCheckpoint(path: "c"), 2),
    Case(TrainingError.foreignCheckpoint(path: "c", difference: "seed"), 2),
    Case(TrainingError.otherInputs(path: "c", names: ["rows"]), 2),
    Case(TrainingError.stopped(step: 1), 85),
    Case(LedgerError.noStep(3, path: "l", last: 2), 2),
    Case(LedgerError.differs(step: 1, field: "loss", was: "1", isNow: "2"), 76),
    Case(LedgerError.failedAudit(path: "l", findings: 1), 76),
    Case(LaunchError("is wrong", advice: "mend it"), 78),
    Case(DashboardError("is wrong", advice: "mend it"), 78),
    Case(StorageError("write", "f", code: ENOSPC), 74),
    Case(CheckpointError("c", "is wrong"), 74),
    Case(OptimizerStateError(counter: "step", value: nil), 74),
    Case(StandardOutputError(code: EIO), 74),
    Case(GroupError.failure(verdict), 75),
    Case(GroupError.rendezvous(reason: "r", advice: "a"), 75),
    Case(GroupError.disagreement(verdict), 76),
    Case(GroupError.layout(reason: "r", advice: "a"), 78),
    Case(GroupError.left(operation: "sum"), 70),
    Case(BatchStepError.repeated, 70),
    Case(CocoaError(.fileNoSuchFile), 70),
  ]

  @Test(arguments: cases) func `every error ends the process with the status of its class`(_ ending: Case) {
    #expect(ExitClass(of: ending.error).status == ending.status, "\(type(of: ending.error))")
  }

  @Test func `the classes are the statuses of the contract`() {
    #expect(ExitClass.allCases.map(\.status) == [2, 70, 74, 75, 76, 78, 85])
  }

  /// Errors that never leave the module or function that throws them.
  private static let inner: Set = [
    "Absence", "DelimitedError", "Failure", "Fault", "HeadProblem", "LabelProblem", "Refused", "Stopped", "Trouble",
    "Truncated",
    "WrongResult",
  ]

  @Test func `no error type of any module leaves its class unsaid`() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var (stated, unsaid) = (0, [String]())
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for found in text.matches(of: /(?:struct|enum|class) (\w+)(?:<[^>]*>)?: ([\w, ]+)/) {
        let kinds = found.2.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        if kinds.contains("ClassifiedError") { stated += 1 }
        if kinds.contains("Error"), !Self.inner.contains(String(found.1)) { unsaid.append(String(found.1)) }
      }
    }
    #expect(stated > 25)
    #expect(unsaid.isEmpty, "state the class of \(unsaid.joined(separator: ", "))")
  }
}
