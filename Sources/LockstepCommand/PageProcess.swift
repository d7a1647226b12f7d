import Console
import Dashboard
import Foundation
import Launching
import Lockstep
import Support

/// The live page of a run, served by a separate process, so that nothing that is sent to it takes this one's time.
///
/// The process is `lockstep dashboard --beside-training`. It finds the token in the folder's file, says on its standard
/// output that it listens, or why it does not, and ends with this process.
struct PageProcess {
  private let process: pid_t

  /// Seconds that it may take to begin and to end.
  private static let startTime = 20.0
  private static let endTime = 3.0

  /// Starts it. What is wrong with the page is said, and does not end the run.
  static func beside(_ directory: RunDirectory, at address: PageAddress) -> PageProcess? {
    do {
      let token = try PageToken(of: directory)
      _ = try AccessToken.kept(in: directory.path + "/dashboard.token")
      let (page, port) = try start(directory, address)
      var address = address
      address.port = port
      StandardError.print(token.announcement(of: address))
      return page
    } catch {
      let later = "lockstep dashboard \(directory.path) shows the run at any time"
      StandardError.print("warning: no live page: \(error); \(later)")
      return nil
    }
  }

  /// Lets open pages see the end, and ends.
  func close() {
    kill(process, SIGTERM)
    let deadline = Date.now + Self.endTime
    while waitpid(process, nil, WNOHANG) == 0 {
      if Date.now > deadline { kill(process, SIGKILL) }
      usleep(10_000)
    }
  }

  /// - Returns: the process, and the port at which it listens.
  private static func start(_ directory: RunDirectory, _ address: PageAddress) throws -> (PageProcess, port: UInt16) {
    let output = Pipe()
    let arguments = [
      "dashboard", "--host", address.host, "--port", String(address.port), "--beside-training", "--", directory.path,
    ]
    // The secret of the ranks is nothing that the page needs.
    let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LOCKSTEP_") }
    let descriptor = output.fileHandleForWriting.fileDescriptor
    let process = try ChildProcess.start(
      CommandLine(try OwnProgram.path(), arguments), environment, .init(output: descriptor, error: descriptor))
    try output.fileHandleForWriting.close()
    let line = firstLine(output.fileHandleForReading.fileDescriptor)
    if let port = line.wholeMatch(of: /port (\d+)/).flatMap({ UInt16($0.1) }) {
      return (PageProcess(process: process), port)
    }
    PageProcess(process: process).close()
    throw PageProcessError(words: line)
  }

  /// What the process says first.
  private static func firstLine(_ descriptor: Int32) -> String {
    let deadline = Date.now + startTime
    var bytes: [UInt8] = []
    while !bytes.contains(UInt8(ascii: "\n")), bytes.count < 4096 {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = deadline.timeIntervalSinceNow
      guard left > 0, poll(&polled, 1, Int32(left * 1000) + 1) >= 0 || errno == EINTR else { break }
      guard polled.revents != 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 1024)
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

/// Why the process of a page did not begin to serve.
private struct PageProcessError: ClassifiedError, CustomStringConvertible {
  let description: String

  init(words: String) {
    let reason = words.hasPrefix("lockstep: ") ? String(words.dropFirst(10)) : words
    description = reason.isEmpty ? "its process did not start" : reason
  }

  var exitClass: ExitClass { .fault }
}
