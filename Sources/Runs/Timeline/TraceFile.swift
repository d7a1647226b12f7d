import Foundation
import Glibc
import Support

/// A trace that is being written: a JSON object in the Trace Event Format, aside until it is whole.
final class TraceFile {
  private let path: String
  private let aside: String
  private let handle: FileHandle
  private var isFirst = true
  private var isCommitted = false
  /// Why nothing more is written; reported at the end, because other ranks are to be heard out all the same.
  private var failure: (any Error)?

  /// - Parameter facts: of each rank: by how many nanoseconds its clock may be off, and how many spans it had no room for.
  init(_ path: String, firstRank: Int = 0, facts: [(uncertainty: Int64, dropped: Int64)]) throws {
    self.path = path
    aside = path + ".tmp"
    guard FileManager.default.createFile(atPath: aside, contents: nil), let handle = FileHandle(forWritingAtPath: aside)
    else { throw RunDirectoryError(path: aside, problem: "cannot be created; check the folder's permissions") }
    self.handle = handle
    let ranks = facts.enumerated().map { index, fact in
      JSONLine.object([
        ("rank", .integer(firstRank + index)), ("clock_uncertainty_us", .number(Double(fact.uncertainty) / 1e3)),
        ("dropped_spans", .integer(Int(fact.dropped))),
      ])
    }
    let other = JSONLine.object([("program", .string("lockstep")), ("ranks", .array(ranks))])
    write(Array("{\"displayTimeUnit\": \"ms\", \"otherData\": \(other), \"traceEvents\": [".utf8)[...])
  }

  /// Adds events, each with a comma before it.
  func append(_ events: ArraySlice<UInt8>) {
    write(isFirst ? events.dropFirst() : events)
    isFirst = false
  }

  private func write(_ bytes: ArraySlice<UInt8>) {
    guard failure == nil else { return }
    do { try handle.write(contentsOf: Data(bytes)) } catch { failure = error }
  }

  /// Ends the object and gives the file its name.
  /// - Throws: what went wrong since the beginning.
  func commit() throws {
    write(Array("\n]}\n".utf8)[...])
    if let failure { throw failure }
    try handle.close()
    guard rename(aside, path) == 0 else {
      throw RunDirectoryError(path: path, problem: "cannot be replaced; remove it")
    }
    isCommitted = true
  }

  deinit { if !isCommitted { try? FileManager.default.removeItem(atPath: aside) } }
}
