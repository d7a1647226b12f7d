import ArgumentParser
import Console
import Foundation
import Lockstep

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "List, verify and export the checkpoints of a run.",
    discussion: """
        lockstep checkpoint list output/quickstart
        lockstep checkpoint verify output/quickstart --json
        lockstep checkpoint export output/quickstart --output weights.safetensors
      """,
    subcommands: [List.self, Verify.self, Export.self])

  /// A run's output folder.
  struct Place: ParsableArguments {
    @Argument(help: "A run's output folder.", completion: .directory)
    var directory: String

    /// - Throws: `TrainingError.noCheckpoint` where no run has saved any.
    func store() throws -> CheckpointStore {
      let checkpoints = RunDirectory(path: directory).checkpoints
      guard FileManager.default.fileExists(atPath: checkpoints) else {
        throw TrainingError.noCheckpoint(path: directory)
      }
      return CheckpointStore(directory: checkpoints)
    }
  }

  /// Lines for people, or objects for programs.
  struct Form: ParsableArguments {
    @Flag(
      help:
        "A JSON line a checkpoint: name, step, bytes, score, manifest (its SHA-256); or name, and why it is not valid.")
    var json = false

    func show(_ valid: [Checkpoint], _ rejected: [RejectedCheckpoint], _ facts: (Checkpoint) -> String) throws {
      for checkpoint in valid {
        try StandardOutput.print(
          json ? Self.object(checkpoint).description : "\(checkpoint.name)  \(facts(checkpoint))")
      }
      for checkpoint in rejected {
        let text = "\(checkpoint.name)  \(Emphasis.output.alarming("NOT VALID:")) \(checkpoint.why)"
        let pairs: [(String, JSONLine)] = [
          ("name", .string(checkpoint.name)), ("valid", .boolean(false)), ("why", .string(checkpoint.why)),
        ]
        try StandardOutput.print(json ? JSONLine.object(pairs).description : text)
      }
    }

    private static func object(_ checkpoint: Checkpoint) -> JSONLine {
      .object([
        ("name", .string(checkpoint.name)), ("valid", .boolean(true)), ("step", .integer(checkpoint.step)),
        ("bytes", .integer(checkpoint.bytes)), ("score", checkpoint.score.map(JSONLine.number) ?? .null),
        ("manifest", .string(checkpoint.digest)),
      ])
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Name the checkpoints, oldest first.",
      discussion: """
          lockstep checkpoint list output/quickstart
          lockstep checkpoint list output/quickstart --json
        """)
    @OptionGroup var place: Place
    @OptionGroup var form: Form

    func run() throws {
      try reportingFailure {
        let found = try place.store().validCheckpoints()
        try form.show(found.checkpoints, found.rejected) { checkpoint in
          let score = checkpoint.score.map { String($0) } ?? "-"
          return "step \(checkpoint.step)  \(checkpoint.bytes >> 20) MiB  score \(score)"
        }
        if found.checkpoints.isEmpty && found.rejected.isEmpty {
          throw TrainingError.noCheckpoint(path: place.directory)
        }
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read every byte of every checkpoint and compare digests.",
      discussion: """
          lockstep checkpoint verify output/quickstart

        Exit status 74: one of them is not valid. A run that is resumed goes back to the newest valid one.
        """)
    @OptionGroup var place: Place
    @OptionGroup var form: Form

    func run() throws {
      try reportingFailure {
        let found = try place.store().validCheckpoints(.contents)
        try form.show(found.checkpoints, found.rejected) { "valid  manifest \($0.digest)" }
        if !found.rejected.isEmpty { throw ExitCode(ExitStatus.checkpoint) }
      }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write one kind of state of the newest valid checkpoint as one safetensors file.",
      discussion: """
          lockstep checkpoint export output/run --output weights.safetensors
          lockstep checkpoint export output/run --kind first_moment --output moment
        """)
    @OptionGroup var place: Place

    @Option(help: "The kind of state, such as weights or first_moment.")
    var kind = "weights"

    @Option(help: "The file to write.", completion: .file(extensions: ["safetensors"]))
    var output: String

    func run() throws {
      try reportingFailure {
        guard let newest = try place.store().newestValid().checkpoint else {
          throw TrainingError.noCheckpoint(path: place.directory)
        }
        try place.store().load(newest).export(kind, to: output)
        try StandardOutput.print("\(kind) of step \(newest.step): \(output)")
      }
    }
  }
}
