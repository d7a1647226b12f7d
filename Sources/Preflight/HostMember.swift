import Foundation
import Launching

/// Why a host that was asked says nothing of itself.
package enum Absence: Error, Equatable, Sendable {
  /// No answer on the way on which the launcher goes; in the words of whoever tried.
  case unreachable(String)
  /// It lacks the folder that relative paths start from.
  case noFolder(String)
  /// It lacks the program.
  case noProgram(String)
  /// There is a program, but not one that answers as this one does.
  case mute(String)
}

/// A host as the asking side sees it: the program there, which answers questions.
final class HostMember {
  let host: ClusterHost
  /// The SHA-256 of the program there, as soon as it has said so.
  private(set) var program: String?
  private let dialogue: Dialogue?
  private var absence: Absence?
  private var hasStarted = false

  private static let greeting = "lockstep-host "
  /// For a host to say its first word, and for each answer.
  private static let firstPatience = Duration.seconds(15)
  private static let patience = Duration.seconds(45)

  /// Starts the program on a host; nothing is waited for.
  init(_ host: ClusterHost, shell: RemoteShell, program: String, folder: String, environment: [String: String]) {
    self.host = host
    let command = shell.commandLine(["sh", "-c", Self.script, "sh", program, folder], on: host, listens: true)
    do {
      dialogue = try Dialogue(command, environment: environment)
    } catch {
      dialogue = nil
      absence = .unreachable(error.problem)
    }
  }

  /// A shell's command, because whether there is a program at all, and which, must be known before it runs.
  private static let script =
    #"cd "$2" || { echo \#(greeting)no-folder; exit 1; }; "#
    + #"test -x "$1" || { echo \#(greeting)no-program; exit 1; }; "#
    + #"echo \#(greeting)$(sha256sum < "$1"); exec "$1" doctor --member"#

  func say(_ question: Question) {
    if absence == nil { dialogue?.say(ConversationText.encode(question)) }
  }

  /// The answer to the oldest question that was not answered yet.
  func answer(program path: String, folder: String) throws(Absence) -> Answer {
    if let absence { throw absence }
    do throws(Absence) {
      return try next(path, folder)
    } catch {
      absence = error
      throw error
    }
  }

  private func next(_ path: String, _ folder: String) throws(Absence) -> Answer {
    guard let dialogue else { throw .unreachable("it was not started") }
    let deadline = ContinuousClock.now + (hasStarted ? Self.patience : Self.firstPatience)
    while true {
      switch dialogue.line(until: deadline) {
      case .line(let line):
        if line.hasPrefix(Self.greeting) { try greet(line.dropFirst(Self.greeting.count), path, folder) }
        if let answer = ConversationText.answer(line) { return answer }
      case .late: throw lost("no answer in time")
      case .ended: throw lost(dialogue.complaint.isEmpty ? "the connection ended" : dialogue.complaint)
      }
    }
  }

  private func lost(_ words: String) -> Absence { hasStarted ? .mute(words) : .unreachable(words) }

  private func greet(_ word: Substring, _ path: String, _ folder: String) throws(Absence) {
    switch word {
    case "no-folder": throw .noFolder(folder)
    case "no-program": throw .noProgram(path)
    default:
      program = word.split(separator: " ").first.map(String.init)
      hasStarted = true
    }
  }
}
