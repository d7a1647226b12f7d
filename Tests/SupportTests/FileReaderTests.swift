import Foundation
import Support
import Testing

struct FileReaderTests {
  private static func folder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-files-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Nobody writes to the pipe, so whoever waits for it never returns.
  @Test(.timeLimit(.minutes(1))) func `a folder, a pipe or a device is refused at once`() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
    for (path, kind) in [(folder, "a folder"), ("\(folder)/pipe", "a pipe"), ("/dev/null", "a device")] {
      let expected = FileError(file: path, reason: "\(kind), not a regular file")
      #expect(throws: expected) { try FileReader.bytes(of: path) }
      #expect(FileReader.refusal(path) == expected && FileReader.contents(path) == nil && !FileReader.exists(path))
    }
    #expect(FileReader.refusal("\(folder)/nothing") == nil)
  }

  @Test func `no more bytes are taken than allowed`() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/five"
    try Data([1, 2, 3, 4, 5]).write(to: URL(filePath: path))
    #expect(try FileReader.bytes(of: path, atMost: 5) == [1, 2, 3, 4, 5])
    #expect(throws: FileError(file: path, reason: "5 bytes, more than 4")) { try FileReader.bytes(of: path, atMost: 4) }
    #expect(try FileReader.beginning(of: path, 3) == [1, 2, 3])
    #expect(try FileReader.beginning(of: path, 9).count == 5)
  }
}
