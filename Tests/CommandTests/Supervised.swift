import Foundation
import Testing

/// A tiny run under `lockstep launch`, and what of it is on this machine.
struct Supervised {
  let run: TinyRun
  let steps: Int

  init(steps: Int) throws {
    run = try TinyRun()
    self.steps = steps
  }

  /// `lockstep launch` with short pauses.
  func launch(_ options: String..., ranks: Int = 2, train: [String] = []) -> Command {
    var command = Command("launch", in: run.folder)
    command.arguments += ["--ranks", "\(ranks)", "--pause", "0.05"] + options
    command.arguments += ["--", "train", run.recipe, "--output", run.output, "--set", "steps=\(steps)"] + train
    return command
  }

  /// The weights of a run of 60 steps that nobody disturbed.
  static let undisturbed = Result {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=60").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return try #require(run.weightsHash)
  }

  /// The processes that the supervisor started, itself not counted, each with the rank it has, if it is one.
  var processes: [(id: pid_t, rank: Int?)] { Self.processes(of: run) }

  /// Those that any supervisor of a run started.
  static func processes(of run: TinyRun) -> [(id: pid_t, rank: Int?)] {
    let mark = Data("LOCKSTEP_LAUNCH=\(run.folder.path)/\(run.output)".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.compactMap { process in
      let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
      let variables = environment.split(separator: 0)
      guard variables.contains(mark) else { return nil }
      let rank = variables.lazy.map { String(decoding: $0, as: UTF8.self) }
        .first { $0.hasPrefix("OMPI_COMM_WORLD_RANK=") || $0.hasPrefix("LOCKSTEP_RANK=") || $0.hasPrefix("PMIX_RANK=") }
      return (process, rank.flatMap { $0.split(separator: "=").last.flatMap { Int($0) } })
    }
  }

  /// Kills one rank, or the launcher.
  func kill(rank: Int?, _ running: Running) throws {
    try running.wait {
      guard let victim = processes.first(where: { $0.rank == rank }) else { return !running.process.isRunning }
      Glibc.kill(victim.id, SIGKILL)
      return true
    }
  }

  /// The newest step in `metrics.jsonl`, 0 where there is none; cheap enough to be asked for all the time.
  var lastStep: Int {
    guard let file = FileHandle(forReadingAtPath: "\(run.folder.path)/out/metrics.jsonl") else { return 0 }
    defer { try? file.close() }
    let end = (try? file.seekToEnd()) ?? 0
    try? file.seek(toOffset: end > 4096 ? end - 4096 : 0)
    let lines = ((try? file.readToEnd()) ?? Data()).split(separator: UInt8(ascii: "\n"))
    let steps = lines.suffix(4).compactMap { try? object(String(decoding: $0, as: UTF8.self))["step"] as? Int }
    return steps.last ?? 0
  }

  /// How often the ranks were started.
  var starts: Int {
    let text = (try? run.folder.read("out/launch.jsonl")) ?? ""
    return text.components(separatedBy: "\"event\":\"started\"").count - 1
  }

  /// The lines of `launch.jsonl` about one kind of event.
  func history(_ event: String) throws -> [[String: Any]] {
    try run.folder.read("out/launch.jsonl").split(separator: "\n").map { try object($0) }
      .filter { $0["event"] as? String == event }
  }

  /// The temporary folders of launches into this run's folder, as their command lines name them.
  func temporaryFolders() throws -> Set<String> {
    let commands = try history("started").compactMap { $0["command"] as? String }
    return Set(commands.compactMap { $0.firstMatch(of: /[^ :]*\/lockstep-\d+-[0-9a-f]+/).map { String($0.0) } })
  }

  /// Fails the test if the launch left a process or a temporary file behind.
  func expectNothingLeft() throws {
    #expect(processes.isEmpty, "\(processes)")
    let folders = try temporaryFolders()
    #expect(folders.count == 1, "\(folders)")
    for folder in folders { #expect(!FileManager.default.fileExists(atPath: folder), "\(folder)") }
    let hidden = run.folder.contents(below: "out/checkpoints").keys.filter { $0.hasPrefix(".tmp-") }
    #expect(hidden.isEmpty, "\(hidden)")
  }
}
