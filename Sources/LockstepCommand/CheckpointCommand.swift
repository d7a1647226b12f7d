import ArgumentParser
import Console
import Foundation
import Lockstep
import Support

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "List, verify, export and prune the checkpoints of a run.",
    discussion: """
        lockstep checkpoint list output/quickstart
        lockstep checkpoint verify output/quickstart --json
        lockstep checkpoint export output/quickstart --output weights.safetensors
        lockstep checkpoint prune output/quickstart --dry-run
      """,
    subcommands: [List.self, Verify.self, Export.self, Prune.self])

  /// A run's output folder.
  struct Place: ParsableArguments {
    @Argument(help: "A run's output folder.", completion: .directory)
    var directory: String

    var hasCheckpoints: Bool {
      FileManager.default.fileExists(atPath: RunDirectory(path: directory).checkpoints)
    }

    /// - Throws: `TrainingError.noCheckpoint` where no run has saved any.
    func store() throws -> CheckpointStore {
      let checkpoints = RunDirectory(path: directory).checkpoints
      guard hasCheckpoints else { throw TrainingError.noCheckpoint(path: directory) }
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
      abstract: "Name the checkpoints, oldest first, and what was put aside.",
      discussion: """
          lockstep checkpoint list output/quickstart
          lockstep checkpoint list output/quickstart --json

        A run that begins anew puts aside what an earlier one left in its folder: lockstep checkpoint prune removes it.
        """)
    @OptionGroup var place: Place
    @OptionGroup var form: Form

    func run() throws {
      try reportingFailure {
        let aside = try PutAside.all(in: RunDirectory(path: place.directory))
        if aside.contains(where: { $0.kind == .run }), !place.hasCheckpoints { return try show(aside) }
        let found = try place.store().validCheckpoints()
        try form.show(found.checkpoints, found.rejected) { checkpoint in
          let score = checkpoint.score.map { String($0) } ?? "-"
          return "step \(checkpoint.step)  \(PutAside.megabytes(checkpoint.bytes))  score \(score)"
        }
        if found.checkpoints.isEmpty && found.rejected.isEmpty && aside.isEmpty {
          throw TrainingError.noCheckpoint(path: place.directory)
        }
        try show(aside)
      }
    }

    private func show(_ aside: [PutAside]) throws {
      for item in aside { try StandardOutput.print(form.json ? item.json([]).description : "\(item.line)  put aside") }
      guard !form.json, !aside.isEmpty else { return }
      let bytes = PutAside.megabytes(aside.reduce(0) { $0 + $1.bytes })
      try StandardOutput.print("put aside: \(bytes); remove it with lockstep checkpoint prune \(place.directory)")
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
        if !found.rejected.isEmpty { throw ExitCode(ExitClass.disk.status) }
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
