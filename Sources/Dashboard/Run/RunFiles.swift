import Foundation
import Glibc
import Runs
import Support

/// The small files of a run's folder, each read when it is another one than before.
struct RunFiles {
  /// What a failed rank left, in words.
  private(set) var verdict: (text: String, time: Double)?
  private(set) var summary: JSONValue?
  private(set) var summaryTime = 0.0
  /// When `metrics.jsonl` was last written.
  private(set) var metricsTime: Double?
  /// The steps of the checkpoints that are there.
  private(set) var checkpoints: [Int] = []
  /// The newest step after which all ranks held the same state, and its hash.
  private(set) var agreement: (step: Int, hash: String)?

  private let directory: RunDirectory
  private var ledgerTime = 0.0

  /// Nobody writes longer ones.
  private static let longestFile = 1 << 20
  private static let ledgerTail = 1 << 16
  private static let mostCheckpoints = 1000

  init(_ directory: RunDirectory) { self.directory = directory }

  mutating func refresh() {
    metricsTime = Self.time(directory.metrics)
    readSummary()
    readVerdict()
    readCheckpoints()
    readLedger()
  }

  /// The recipe as it was followed.
  var recipe: String? {
    Self.tail(directory.recipe, Self.longestFile).map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func readSummary() {
    let time = Self.time(directory.summary) ?? 0
    guard time != summaryTime else { return }
    summaryTime = time
    summary = Self.tail(directory.summary, Self.longestFile).flatMap { try? JSONParser.parse($0) }
  }

  private mutating func readVerdict() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.verdicts)) ?? []
    let name = names.filter { $0.hasPrefix("rank-") && $0.hasSuffix(".json") }
      .min { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    guard let name else { return verdict = nil }
    let path = directory.verdicts + "/" + name
    let time = Self.time(path) ?? 0
    guard verdict?.time != time else { return }
    verdict = Self.tail(path, Self.longestFile).flatMap { try? JSONParser.parse($0) }.map { (Self.words($0), time) }
  }

  private static func words(_ verdict: JSONValue) -> String {
    let who = "rank \(verdict["rank"]?.integer ?? 0) on \(verdict["host"]?.text ?? "an unknown host")"
    let what = [verdict["cause"]?.text, verdict["detail"]?.text].compactMap { $0 }.filter { !$0.isEmpty }
    let place = verdict["step"]?.integer.map { " (step \($0), \(verdict["operation"]?.text ?? ""))" } ?? ""
    return "\(who): \(what.joined(separator: ", "))\(place)"
  }

  private mutating func readCheckpoints() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.checkpoints)) ?? []
    let steps = names.compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }
    checkpoints = steps.filter { 0...Curve.lastStep ~= $0 }.sorted().suffix(Self.mostCheckpoints)
  }

  private mutating func readLedger() {
    let time = Self.time(directory.ledger) ?? 0
    guard time != ledgerTime else { return }
    ledgerTime = time
    guard let tail = Self.tail(directory.ledger, Self.ledgerTail) else { return }
    for line in tail.split(separator: 0x0A).reversed() {
      guard let entry = try? JSONParser.parse(Array(line)), let hash = entry["state"]?.text,
        let step = entry["step"]?.integer
      else { continue }
      agreement = (step, hash)
      return
    }
  }

  /// When a file was last written, in seconds since 1970; nil where there is none.
  static func time(_ path: String) -> Double? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
  }

  /// The last bytes of a regular file, at most `count`.
  private static func tail(_ path: String, _ count: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var buffer = [UInt8](repeating: 0, count: min(count, Int(status.st_size)))
    let received = pread(descriptor, &buffer, buffer.count, status.st_size - off_t(buffer.count))
    return received < 0 ? nil : Array(buffer.prefix(received))
  }
}
