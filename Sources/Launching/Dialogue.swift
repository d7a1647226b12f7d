import Foundation
import Glibc

/// A program that is talked with, line by line, over its standard input and output; it ends with this object.
package final class Dialogue {
  /// What came of waiting for a line.
  package enum Reply: Equatable {
    case line(String)
    /// The program will say nothing more.
    case ended
    case late
  }

  private static let longestLine = 1 << 20
  private static let longestComplaint = 4096

  private let process: pid_t
  private let talk: Int32
  private let errors: Int32
  private var heard: [UInt8] = []
  private var complaints: [UInt8] = []
  private var hasErrorsEnded = false

  /// Starts a command; throws `LaunchError` naming the program.
  package init(_ command: CommandLine, environment: [String: String]) throws(LaunchError) {
    let (talk, itsTalk) = try Self.pair()
    let (errors, itsErrors) = try Self.pair()
    defer {
      close(itsTalk)
      close(itsErrors)
    }
    do {
      process = try ChildProcess.start(
        command, environment, ChildProcess.Streams(input: itsTalk, output: itsTalk, error: itsErrors))
    } catch {
      close(talk)
      close(errors)
      throw error
    }
    (self.talk, self.errors) = (talk, errors)
  }

  deinit {
    close(talk)
    close(errors)
    kill(-process, SIGKILL)
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Sockets rather than pipes: to write to one whose reader is gone is an error, not the death of the writer.
  private static func pair() throws(LaunchError) -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw LaunchError("socketpair: \(String(cString: strerror(errno)))", advice: "raise the limit of open files")
    }
    return (ends[0], ends[1])
  }

  /// Says a line. What cannot be said shows when the answer does not come.
  package func say(_ line: String) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(talk, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// The next line that the program says.
  package func line(until deadline: ContinuousClock.Instant) -> Reply {
    while true {
      if let end = heard.firstIndex(of: UInt8(ascii: "\n")) {
        defer { heard.removeSubrange(...end) }
        return .line(String(decoding: heard[..<end], as: UTF8.self))
      }
      let now = ContinuousClock.now
      guard now < deadline, heard.count <= Self.longestLine else { return .late }
      // A negative descriptor is not looked at.
      var interests = [talk, hasErrorsEnded ? -1 : errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      _ = poll(&interests, 2, Int32(min(1000, (deadline - now) / .milliseconds(1) + 1)))
      if interests[1].revents != 0 { listenToErrors() }
      if interests[0].revents != 0, !listen() {
        listenToErrors()
        return .ended
      }
    }
  }

  /// The last line that the program wrote to standard error; empty if it wrote none.
  package var complaint: String {
    let lines = String(decoding: complaints, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
  }

  /// - Returns: false when nothing more will come.
  private func listen() -> Bool {
    var room = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(talk, &room, room.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
    heard += room[..<count]
    return true
  }

  private func listenToErrors() {
    var room = [UInt8](repeating: 0, count: Self.longestComplaint)
    while true {
      let count = recv(errors, &room, room.count, Int32(MSG_DONTWAIT))
      guard count > 0 else {
        hasErrorsEnded = count == 0
        return
      }
      complaints = Array((complaints + room[..<count]).suffix(Self.longestComplaint))
    }
  }
}
