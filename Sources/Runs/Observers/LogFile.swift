import Checkpoints
import Foundation
import Support

/// A log of JSON lines as an interrupted run, a full disk or a loss of power left it.
///
/// What cannot be read is dropped, and nothing else: a damaged byte costs its line, a damaged newline costs nothing, and a file
/// that cannot be read at all is an error.
package struct LogFile {
  private let path: String

  /// Bytes of the longest line that is believed.
  private static let longestLine = 1 << 20
  private static let newline = UInt8(ascii: "\n")
  /// How each of a run's lines begins.
  private static let beginnings = [Array("{\"step\"".utf8), Array("{\"event\"".utf8)]

  package init(_ path: String) { self.path = path }

  /// Rewrites the file with those of its lines whose step is wanted; where all are, the file stays as it is.
  /// - Returns: the numbers of the lines that could not be read.
  package func keep(_ isWanted: (Int) -> Bool) throws -> [Int] {
    guard let file = try mapped() else { return [] }
    var kept: [Range<Int>] = []
    var damaged: [Int] = []
    var isWhole = true
    forEachLine(of: file.bytes) { number, line in
      let pieces = objects(in: line, of: file.bytes)
      let wanted = pieces.filter { isWanted($0.step) }.map(\.range)
      if pieces.isEmpty || pieces.contains(where: { $0.range != line }) { damaged.append(number) }
      if wanted != [line] || line.upperBound == file.bytes.count { isWhole = false }
      kept += wanted
    }
    if !isWhole { try write(kept, of: file.bytes) }
    return damaged
  }

  /// The steps of the lines that can be read, in their order; none where there is no file.
  package func steps() throws -> [Int] {
    guard let file = try mapped() else { return [] }
    var steps: [Int] = []
    forEachLine(of: file.bytes) { _, line in steps += objects(in: line, of: file.bytes).map(\.step) }
    return steps
  }

  /// Which lines of a log are there twice, as where two copies of a file were joined.
  package enum Repetition {
    /// Those with a step that is not above the one before: a line a step.
    case ofSteps
    /// Those with the bytes of an earlier line: several lines a step.
    case ofLines
  }

  /// Rewrites the file without lines that are there twice; the first of them stays.
  /// - Returns: how many went.
  package func dropRepeated(_ kind: Repetition) throws -> Int {
    guard let file = try mapped() else { return 0 }
    var (kept, dropped, last): ([Range<Int>], Int, Int) = ([], 0, .min)
    var seen = Set<UInt64>()
    forEachLine(of: file.bytes) { _, line in
      for (range, step) in objects(in: line, of: file.bytes) {
        let isNew = kind == .ofSteps ? step > last : seen.insert(Self.hash(file.bytes[range])).inserted
        (last, dropped) = (max(last, step), dropped + (isNew ? 0 : 1))
        if isNew { kept.append(range) }
      }
    }
    if dropped > 0 { try write(kept, of: file.bytes) }
    return dropped
  }

  /// FNV-1a, 64 bits.
  private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
  }

  /// The file; nil where there is none.
  /// - Throws: `RunDirectoryError` where it cannot be read.
  private func mapped() throws -> MappedFile? {
    do {
      return try MappedFile(path)
    } catch {
      guard error.isAbsence else {
        throw RunDirectoryError(path: path, problem: "cannot be read (\(error)); mend that, or give another --output")
      }
      return nil
    }
  }

  private func forEachLine(of bytes: UnsafeRawBufferPointer, _ body: (Int, Range<Int>) -> Void) {
    var (start, number) = (0, 1)
    while start < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      let end = start + (rest.firstIndex(of: Self.newline) ?? rest.count)
      if end > start { body(number, start..<end) }
      (start, number) = (end + 1, number + 1)
    }
  }

  private func write(_ lines: [Range<Int>], of bytes: UnsafeRawBufferPointer) throws {
    var text: [UInt8] = []
    text.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
    for line in lines {
      text.append(contentsOf: bytes[line])
      text.append(Self.newline)
    }
    try AtomicFile.write(text, to: path)
  }

  /// The objects of a line: itself, or, where it is none, those that stand whole within it.
  private func objects(in line: Range<Int>, of bytes: UnsafeRawBufferPointer) -> [(range: Range<Int>, step: Int)] {
    if let step = step(of: bytes[line]) { return [(line, step)] }
    let starts = line.filter { start in
      Self.beginnings.contains { bytes[start..<line.upperBound].starts(with: $0) }
    }
    return zip(starts, starts.dropFirst() + [line.upperBound]).compactMap { start, end in
      guard let last = bytes[start..<end].lastIndex(of: UInt8(ascii: "}")) else { return nil }
      return step(of: bytes[start...last]).map { (start..<last + 1, $0) }
    }
  }

  private func step(of line: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard line.count <= Self.longestLine, line.first == UInt8(ascii: "{"),
      String(validating: line, as: UTF8.self) != nil
    else { return nil }
    return (try? JSONParser.parse(Array(line), .strict))?["step"]?.integer
  }
}
