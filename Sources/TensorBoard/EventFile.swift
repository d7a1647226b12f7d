import Foundation
import Runs
import SwiftProtobuf

/// `events.out.tfevents.*`: what one start of a run writes for TensorBoard, in TensorFlow's event format.
package final class EventFile {
  private let records: RecordFile

  /// What TensorBoard knows event files by.
  private static let prefix = "events.out.tfevents."

  /// Begins a file in a folder; TensorBoard reads the files of a folder in the order of their names, which begin with the
  /// time.
  ///
  /// - Parameter firstStep: the first step that is going to be written. TensorBoard forgets what earlier files hold of it and of
  ///   later ones, because those steps come again.
  package init(folder: String, firstStep: Int, wait: DiskWait = .usual) throws {
    let start = Date()
    let seconds = String(format: "%010.0f", start.timeIntervalSince1970.rounded(.down))
    let name = "\(Self.prefix)\(seconds).\(Self.hostName).\(ProcessInfo.processInfo.processIdentifier).0"
    records = try RecordFile(path: "\(folder)/\(name)", wait: wait)
    try write(ProtoEvent.with { $0.fileVersion = "brain.Event:2" })
    try write(
      ProtoEvent.with {
        $0.step = Int64(firstStep)
        $0.sessionLog.status = .start
      })
  }

  /// Removes the event files of earlier runs from a folder.
  package static func removeAll(from folder: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix(prefix) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// Appends values of one step.
  package func write(_ values: [ProtoSummary.Value], step: Int) throws {
    try write(
      ProtoEvent.with {
        $0.step = Int64(step)
        $0.summary.value = values
      })
  }

  private func write(_ event: ProtoEvent) throws {
    var event = event
    event.wallTime = Date().timeIntervalSince1970
    try records.write(event.serializedBytes())
  }

  private static var hostName: String {
    var bytes = [CChar](repeating: 0, count: 256)
    // A name server is not asked, as Foundation's `hostName` may.
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
