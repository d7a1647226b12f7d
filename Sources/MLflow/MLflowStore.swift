import Checkpoints
import Foundation
import Recipes
import Runs
import Support

/// A folder in the format of MLflow's file store.
///
///     FOLDER/0/meta.yaml                  the experiment Default
///     FOLDER/0/RUN/meta.yaml              name, state, start and end of a run
///     FOLDER/0/RUN/params/KEY             the value of a parameter
///     FOLDER/0/RUN/tags/NAME
///     FOLDER/0/RUN/metrics/TAG            a line a value: milliseconds since 1970, value, step
///
/// Source: mlflow/store/tracking/file_store.py.
package struct MLflowStore {
  /// The absolute path of the folder.
  let folder: String
  private let wait: DiskWait

  private static let experiment = "0"
  /// MLflow refuses longer values of parameters.
  private static let longestValue = 6000

  init(folder: String, wait: DiskWait) {
    self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
    self.wait = wait
  }

  private func path(of run: String) -> String { "\(folder)/\(Self.experiment)/\(run)" }

  /// The folder of a run's metrics.
  func metrics(of run: String) -> String { path(of: run) + "/metrics" }

  /// Whether the folder has this run.
  func holds(_ run: String) -> Bool { FileManager.default.fileExists(atPath: path(of: run) + "/meta.yaml") }

  /// Makes a run with its parameters and tags.
  func begin(_ run: MLflowRun, parameters: [String: String], tags: [String: String]) throws {
    try makeExperiment()
    for part in ["artifacts", "metrics", "params", "tags"] { try make(path(of: run.id) + "/" + part) }
    for (key, value) in parameters { try write(Self.value(value), "\(path(of: run.id))/params/\(Self.name(key))") }
    for (key, value) in tags { try write(value, "\(path(of: run.id))/tags/\(Self.name(key))") }
    try describe(run)
  }

  /// Writes the state of a run.
  func describe(_ run: MLflowRun) throws {
    let lines = [
      ("artifact_uri", Self.text(address(path(of: run.id) + "/artifacts"))),
      ("end_time", run.end.map { String($0) } ?? "null"), ("entry_point_name", "''"),
      ("experiment_id", "'\(Self.experiment)'"), ("lifecycle_stage", "active"), ("run_id", run.id),
      ("run_name", Self.text(run.name)), ("run_uuid", run.id), ("source_name", "''"), ("source_type", "4"),
      ("source_version", "''"), ("start_time", String(run.start)), ("status", run.end == nil ? "1" : "3"),
      ("tags", "[]"), ("user_id", Self.text(run.user)),
    ]
    try write(Self.yaml(lines), path(of: run.id) + "/meta.yaml")
  }

  private func makeExperiment() throws {
    let experiment = "\(folder)/\(Self.experiment)"
    try make(experiment)
    guard !FileManager.default.fileExists(atPath: experiment + "/meta.yaml") else { return }
    let now = String(MLflowRun.now)
    try write(
      Self.yaml([
        ("artifact_location", Self.text(address(experiment))), ("creation_time", now),
        ("experiment_id", "'\(Self.experiment)'"), ("last_update_time", now), ("lifecycle_stage", "active"),
        ("name", "Default"),
      ]), experiment + "/meta.yaml")
  }

  private func make(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private func write(_ text: String, _ path: String) throws {
    try wait.retrying(path) { try AtomicFile.write(text, to: path) }
  }

  private func address(_ path: String) -> String { URL(fileURLWithPath: path).absoluteString }

  private static func yaml(_ lines: [(key: String, value: String)]) -> String {
    lines.map { "\($0.key): \($0.value)\n" }.joined()
  }

  /// A text in YAML, which reads JSON's.
  private static func text(_ text: String) -> String { JSONLine.string(text).description }

  /// A parameter's file has one line. Numbers are written as recipes have them.
  private static func value(_ value: String) -> String {
    let line = value.split(whereSeparator: \.isNewline).joined(separator: " ")
    return Double(value)?.written ?? String(line.prefix(longestValue))
  }

  /// MLflow's names consist of letters, digits and `_-. :/`; other characters become `_`.
  package static func name(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_-. :/".contains($0)) ? $0 : "_" })
  }
}
