import Bootstrap
import Foundation
import Support

/// What is asked of a host, a line each.
enum Question: Codable, Equatable, Sendable {
  case report(HostReport.Subject)
  /// The time of day.
  case clock
  /// To listen for other hosts that hold the secret.
  case listen(interface: String?, secret: [UInt8])
  /// To reach another host that listens, or to measure the way there too.
  case reach(Station, secret: [UInt8], measuring: Bool)
  /// To leave a file in the run's folder, or above it where it is not there yet.
  case leaveMark(under: String)
  case seesMark(path: String)
  case removeMark(path: String)
}

/// What a host answers.
enum Answer: Codable, Equatable, Sendable {
  case report(HostReport)
  /// Seconds since 1970.
  case clock(Double)
  case listening(Station)
  case reached
  case measured(LinkFigures)
  case mark(path: String)
  case seen(Bool)
  case done
  /// It could not do as asked.
  case failed(String)
}

/// Where a host listens.
struct Station: Codable, Equatable, Sendable {
  var addresses: [String]
  var port: UInt16
}

/// The text of questions and answers: each a line of JSON, the answers behind a word that no shell greets with.
enum ConversationText {
  private static let mark = "lockstep-member "

  static func encode(_ question: Question) -> String { json(question) }
  static func encode(_ answer: Answer) -> String { mark + json(answer) }

  static func question(_ line: String) -> Question? {
    try? Question.decode(json: line.utf8)
  }

  /// Nil for a line that is not an answer.
  static func answer(_ line: String) -> Answer? {
    guard line.hasPrefix(mark) else { return nil }
    return try? Answer.decode(json: line.dropFirst(mark.count).utf8)
  }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("\(value) is not JSON") }
    return String(decoding: data, as: UTF8.self)
  }
}
