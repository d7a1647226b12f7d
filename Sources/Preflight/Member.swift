import Bootstrap
import Console
import Foundation
import Glibc

/// The side of a survey that runs on each host: answers questions from standard input until it ends.
public final class Member {
  private var station: LinkStation?

  /// Seconds that reaching and measuring another host may take.
  private static let reachTime = 5.0
  private static let measureTime = 30.0

  public init() {}

  /// Answers on standard output until nobody asks any more.
  /// - Throws: where nobody reads the answers.
  public func run() throws {
    while let line = readLine() {
      let answer = ConversationText.question(line).map(answer) ?? .failed("a question that is not understood")
      try StandardOutput.print(ConversationText.encode(answer))
    }
    station?.close()
  }

  func answer(_ question: Question) -> Answer {
    switch question {
    case .report(let subject): .report(.here(subject))
    case .clock: .clock(Date().timeIntervalSince1970)
    case .listen(let interface, let secret): listen(interface, secret)
    case .reach(let station, let secret, let measuring): reach(station, secret, measuring)
    case .leaveMark(let path): leaveMark(under: path)
    case .seesMark(let path): .seen(access(path, F_OK) == 0)
    case .removeMark(let path):
      unlink(path) == 0 ? .done : .failed("\(path): \(String(cString: strerror(errno)))")
    }
  }

  private func listen(_ interface: String?, _ secret: [UInt8]) -> Answer {
    do {
      let station = try LinkStation(interface: interface, secret: secret)
      self.station = station
      return .listening(Station(addresses: station.addresses, port: station.port))
    } catch {
      return .failed("\(error)")
    }
  }

  private func reach(_ station: Station, _ secret: [UInt8], _ measuring: Bool) -> Answer {
    do {
      let seconds = measuring ? Self.measureTime : Self.reachTime
      let meter = try LinkMeter(station.addresses, port: station.port, secret: secret, seconds: seconds)
      return measuring ? .measured(try meter.measure()) : .reached
    } catch {
      return .failed(error.description)
    }
  }

  private func leaveMark(under path: String) -> Answer {
    let mark = "\(DiskFacts(under: path).folder)/.lockstep-mark-\(UUID().uuidString)"
    let descriptor = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return .failed("\(mark): \(String(cString: strerror(errno)))") }
    fsync(descriptor)
    close(descriptor)
    return .mark(path: mark)
  }
}
