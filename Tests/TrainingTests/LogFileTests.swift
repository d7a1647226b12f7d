import Foundation
import Runs
import Testing

@Suite("A log that was damaged")
struct LogFileTests {
  private static let lines = (1...5).map { "{\"step\": \($0), \"loss\": 0.\($0)}" }

  /// What is left of a log, and the numbers of the lines that could not be read.
  private func mended(_ bytes: [UInt8], through step: Int = .max) throws -> (lines: [String], damaged: [Int]) {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-log-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(filePath: path))
    let damaged = try LogFile(path).keep { $0 <= step }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.isEmpty || text.hasSuffix("\n"))
    return (text.split(separator: "\n").map(String.init), damaged)
  }

  private static let text = Array((lines.joined(separator: "\n") + "\n").utf8)

  @Test("loses its damaged line and no other, whichever byte it is")
  func everyByte() throws {
    for place in Self.text.indices {
      var bytes = Self.text
      bytes[place] = 0xFF
      let (lines, damaged) = try mended(bytes)
      // A newline that is gone has damaged no line.
      let expected = Self.text[place] == 0x0A ? Self.lines : Self.lines.filter { lines.contains($0) }
      #expect(lines == expected, "byte \(place)")
      #expect(lines.count == (Self.text[place] == 0x0A ? 5 : 4) && damaged.count == 1, "byte \(place)")
    }
  }

  @Test("keeps whole lines before and after zeros, a line that was being written, and one too long to be true")
  func zerosAndHalves() throws {
    let zeros = [UInt8](repeating: 0, count: 4096)
    let (afterLoss, first) = try mended(Self.text + zeros + Self.text)
    #expect(afterLoss == Self.lines + Self.lines && first == [6])
    let (cut, second) = try mended(Array(Self.text.dropLast(8)))
    #expect(cut == Array(Self.lines.dropLast()) && second == [5])
    let (unended, third) = try mended(Array(Self.text.dropLast()))
    #expect(unended == Self.lines && third == [])
    let long = Array("{\"step\": 1, \"text\": \"".utf8) + [UInt8](repeating: 0x61, count: 2 << 20) + Array("\"}\n".utf8)
    let (short, fourth) = try mended(Self.text + long + Self.text)
    #expect(short == Self.lines + Self.lines && fourth == [6])
  }

  @Test("that was joined with itself has each line once, and its steps in their order")
  func doubled() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-log-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let evaluation = Array("{\"step\": 5, \"evaluation\": {}}\n".utf8)
    for (kind, own) in [(LogFile.Repetition.ofSteps, Self.text), (.ofLines, Self.text + evaluation)] {
      try Data(own + own).write(to: URL(filePath: path))
      #expect(try LogFile(path).dropRepeated(kind) == (kind == .ofSteps ? 5 : 6))
      #expect(try Array(Data(contentsOf: URL(filePath: path))) == own)
      #expect(try LogFile(path).dropRepeated(kind) == 0)
    }
    #expect(try LogFile(path).steps() == [1, 2, 3, 4, 5, 5])
    #expect(try LogFile(path + "-none").steps() == [])
  }

  @Test("ends with the step that is wanted")
  func cut() throws {
    #expect(try mended(Self.text, through: 3).lines == Array(Self.lines.prefix(3)))
    #expect(try mended(Self.text, through: 0).lines == [])
    #expect(try mended([]).lines == [])
  }

  @Test("is an error where it cannot be read, and nothing where it is not there")
  func unreadable() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-log-\(UUID().uuidString)").path
    #expect(try LogFile(folder).keep { _ in true } == [])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: RunDirectoryError.self) { try LogFile(folder).keep { _ in true } }
  }
}
