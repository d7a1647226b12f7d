import Foundation
import Lockstep
import Support

/// Steps of a recipe by processes of this machine that add over connections, as if each were a host.
struct LocalRanks {
  let recipe: String
  let overrides: [String]
  let ranks: Int

  /// Mean seconds of a step, the first ones left out.
  /// - Throws: `LocalRanksError` where the processes do not end as they should.
  func secondsOfStep(steps: Int) throws -> Double {
    let folder = FileManager.default.temporaryDirectory.path + "/lockstep-simulate-\(UUID().uuidString)"
    try RunDirectory(path: folder).create()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let output = RunDirectory(path: folder + "/output")
    let log = folder + "/log"
    let status = try run(steps: steps + Self.warmUp, output: output.path, log: log)
    let seconds = Self.seconds(of: output).dropFirst(Self.warmUp)
    guard status == 0, !seconds.isEmpty else {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      let words = text.split(separator: "\n").first { $0.contains("lockstep: ") } ?? "no step was made"
      throw LocalRanksError(ranks: ranks, status: status, words: String(words))
    }
    return seconds.reduce(0, +) / Double(seconds.count)
  }

  private static let warmUp = 2

  private func run(steps: Int, output: String, log: String) throws -> Int32 {
    let settings = ["steps=\(steps)", "epochs=null", "checkpoint=false", "evaluate.every=\(1 << 30)"]
    let arguments =
      ["launch", "--ranks", String(ranks), "--launcher", "local", "--max-restarts", "0"]
      + ["--", "train", recipe, "--output", output] + (overrides + settings).flatMap { ["--set", $0] }
    let environment = ProcessInfo.processInfo.environment.merging([JobEnvironment.sharedMemory: "0"]) { $1 }
    return try OwnProgram.run(try OwnProgram.path(), arguments, environment: environment, log: log)
  }

  /// Of each step, as rank 0 wrote them down.
  private static func seconds(of directory: RunDirectory) -> [Double] {
    let text = (try? String(contentsOfFile: directory.metrics, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      guard let line = try? StepLine.decode(json: line.utf8), line.gradientNorm != nil else { return nil }
      return line.seconds
    }
  }
}

/// What of a line of metrics is read here.
private struct StepLine: Decodable {
  let gradientNorm: Double?
  let seconds: Double?

  private enum CodingKeys: String, CodingKey {
    case seconds
    case gradientNorm = "gradient_norm"
  }
}

/// Ranks that were to be timed failed.
struct LocalRanksError: ClassifiedError, CustomStringConvertible {
  let ranks: Int
  let status: Int32
  let words: String

  var exitClass: ExitClass { .fault }

  var description: String {
    "\(ranks) ranks to be timed on this machine ended with status \(status): \(words); see whether the recipe trains with"
      + " lockstep launch --launcher local"
  }
}
