import ArgumentParser
import Foundation
import Lockstep

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "List, verify and export the checkpoints of a run.",
    subcommands: [List.self, Verify.self, Export.self])

  /// A run's output folder.
  struct Place: ParsableArguments {
    @Argument(help: "A run's output folder.")
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

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Name the checkpoints, oldest first.")
    @OptionGroup var place: Place

    func run() throws {
      try reportingFailure {
        let found = try place.store().validCheckpoints()
        for checkpoint in found.checkpoints {
          let score = checkpoint.score.map { String($0) } ?? "-"
          print("\(checkpoint.name)  step \(checkpoint.step)  \(checkpoint.bytes >> 20) MiB  score \(score)")
        }
        for rejected in found.rejected { print("\(rejected.name)  NOT VALID: \(rejected.why)") }
        if found.checkpoints.isEmpty && found.rejected.isEmpty {
          throw TrainingError.noCheckpoint(path: place.directory)
        }
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read every byte of every checkpoint and compare digests.")
    @OptionGroup var place: Place

    func run() throws {
      try reportingFailure {
        let found = try place.store().validCheckpoints(.contents)
        for checkpoint in found.checkpoints { print("\(checkpoint.name)  valid  manifest \(checkpoint.digest)") }
        for rejected in found.rejected { print("\(rejected.name)  NOT VALID: \(rejected.why)") }
        if !found.rejected.isEmpty { throw ExitCode(ExitStatus.checkpoint) }
      }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write one kind of state of the newest valid checkpoint as one safetensors file.")
    @OptionGroup var place: Place

    @Option(help: "The kind of state, such as weights or first_moment.")
    var kind = "weights"

    @Option(help: "The file to write.")
    var output: String

    func run() throws {
      try reportingFailure {
        guard let newest = try place.store().newestValid().checkpoint else {
          throw TrainingError.noCheckpoint(path: place.directory)
        }
        try place.store().load(newest).export(kind, to: output)
        print("\(kind) of step \(newest.step): \(output)")
      }
    }
  }
}
