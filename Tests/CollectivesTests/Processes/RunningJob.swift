import Diagnostics
import Foundation
import Synchronization
import Transport

/// What came of a job.
struct JobResult {
  /// By rank: the exit status, or 128 and the signal; nothing for a rank that was not started or did not end in time.
  var statuses: [Int: Int32] = [:]
  /// By rank: seconds from the start of the job to its end.
  var ends: [Int: Double] = [:]
  /// By rank: the monotonic clock's seconds at its end.
  var endTimes: [Int: Double] = [:]
  var output: [Int: String] = [:]
  var verdicts: [Int: Verdict] = [:]

  /// All of it in words, for a failed expectation.
  var words: String { "\(statuses) \(ends) \(verdicts.values.map(\.description)) \(output)" }
}

/// A job under way.
final class RunningJob: Sendable {
  let folder: String
  private let start = System.now
  private let state = Mutex(State())

  private struct State {
    var processes: [Int: Process] = [:]
    var result = JobResult()
  }

  init(folder: String) { self.folder = folder }

  var seconds: Double { Double(System.now - start) / 1e9 }

  func start(_ process: Process, as rank: Int) throws {
    process.terminationHandler = { [self] process in
      let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
      state.withLock {
        $0.result.statuses[rank] = signal + process.terminationStatus
        $0.result.ends[rank] = seconds
        $0.result.endTimes[rank] = Double(System.now) / 1e9
      }
    }
    try process.run()
    state.withLock { $0.processes[rank] = process }
  }

  func signal(_ rank: Int, _ number: Int32) {
    state.withLock {
      guard let process = $0.processes[rank], $0.result.ends[rank] == nil else { return }
      kill(process.processIdentifier, number)
    }
  }

  func output(of rank: Int) -> String {
    (try? String(contentsOfFile: folder + "/output-\(rank)", encoding: .utf8)) ?? ""
  }

  /// Waits until all that were started have ended, but perhaps one; returns whether they have.
  @discardableResult
  func waitForAll(but exception: Int? = nil, until deadline: Double) -> Bool {
    while seconds < deadline {
      let areOver = state.withLock { state in
        state.processes.keys.allSatisfy { $0 == exception || state.result.ends[$0] != nil }
      }
      if areOver { return true }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return false
  }

  func killAll() {
    let ranks = state.withLock { Array($0.processes.keys) }
    for rank in ranks { signal(rank, SIGKILL) }
    waitForAll(until: seconds + 5)
  }

  func result(ranks: Int) throws -> JobResult {
    var result = state.withLock { $0.result }
    for rank in 0..<ranks {
      result.output[rank] = output(of: rank)
      guard let data = FileManager.default.contents(atPath: folder + "/verdict/rank-\(rank).json") else { continue }
      result.verdicts[rank] = try JSONDecoder().decode(Verdict.self, from: data)
    }
    return result
  }
}

/// How many jobs run at a time: they mostly wait, but their ranks must not starve each other.
actor JobLimit {
  static let shared = JobLimit()
  private var free = 5
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
