import Collectives
import Foundation
import Glibc
import Support

/// Where rank 0 is found when no process manager says so: `HOST:PORT`, or `file:/PATH` into which it writes its address.
package enum RendezvousAddress: Equatable, CustomStringConvertible {
  case host(String, port: UInt16)
  case file(String)

  /// As the launcher gives it.
  package var description: String {
    switch self {
    case .host(let name, let port): "\(name):\(port)"
    case .file(let path): "file:\(path)"
    }
  }

  package init(_ text: String) throws(GroupError) {
    if text.hasPrefix("file:/") {
      self = .file(String(text.dropFirst(5)))
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]), port > 0 else {
      throw .layout(
        reason: "\(JobEnvironment.rendezvous) is '\(text)'", advice: "give HOST:PORT of rank 0, or file:/PATH")
    }
    self = .host(String(parts[0]), port: port)
  }

  /// Whether a name or address can only mean the host that uses it.
  static func isLoopback(_ host: String) -> Bool { host == "localhost" || host.hasPrefix("127.") }

  /// The IPv4 addresses of a host, in the resolver's order; none if it is unknown.
  static func resolve(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_family = AF_INET
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { entry in
      guard let raw = entry?.pointee.ai_addr else { return nil }
      return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        IPv4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)).description
      }
    }
  }
}

/// What rank 0 writes into the file of a `file:` rendezvous.
struct RendezvousFile: Codable, Equatable {
  var epoch: UInt32
  var machine: String
  var addresses: [String]
  var port: UInt16

  private static let limit = 64 << 10

  /// Writes the file wholly or not at all.
  func write(to path: String) throws(GroupError) {
    do {
      let data = try JSONEncoder().encode(self)
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .layout(
        reason: "the rendezvous file \(path) cannot be written (\(error.localizedDescription))",
        advice: "give a path in a folder that all ranks share and may write")
    }
  }

  /// Reads the file; nil while no file of this start exists.
  static func read(_ path: String, epoch: UInt32) -> RendezvousFile? {
    guard let found = FileReader.contents(path, atMost: limit).flatMap({ try? RendezvousFile.decode(json: $0) }),
      found.epoch == epoch, found.port > 0
    else { return nil }
    return found
  }
}
