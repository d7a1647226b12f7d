import Foundation
import Support

/// A list of hosts in a file: one a line, as Open MPI writes it.
///
///     # two machines
///     node1 slots=4
///     node2 slots=2 weight=0.5
///
/// A host without `slots` takes one rank. Everything after `#` is a comment.
public struct HostFile: Equatable, Sendable {
  public let hosts: [ClusterHost]

  private static let largestFile = 1 << 20
  private static let mostSlots = 4096

  /// Reads the file; throws `LaunchError` with the file and the line.
  public init(contentsOfFile path: String) throws(LaunchError) {
    let bytes: [UInt8]
    do { bytes = try FileReader.beginning(of: path, Self.largestFile + 1) } catch {
      throw LaunchError(
        "\(path): cannot be read (\(error.reason))", advice: "give --hosts a file with one host a line")
    }
    guard bytes.count <= Self.largestFile else {
      throw LaunchError("\(path): is larger than 1 MiB", advice: "give --hosts a file with one host a line")
    }
    try self.init(String(decoding: bytes, as: UTF8.self), source: path)
  }

  /// Reads the text of a host file; `source` is named in errors.
  public init(_ text: String, source: String) throws(LaunchError) {
    var hosts: [ClusterHost] = []
    var lineOfHost: [String: Int] = [:]
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let place = "\(source):\(index + 1)"
      let content = line.prefix { $0 != "#" }
      let words = content.split(whereSeparator: \.isWhitespace)
      guard let name = words.first else { continue }
      let host = try Self.host(String(name), words.dropFirst(), place: place)
      if let first = lineOfHost.updateValue(index + 1, forKey: host.name) {
        throw LaunchError("\(place): \(host.name) is in line \(first) already", advice: "add its slots up in one line")
      }
      hosts.append(host)
    }
    guard !hosts.isEmpty else {
      throw LaunchError("\(source): names no host", advice: "write one host a line, such as: node1 slots=4")
    }
    self.hosts = hosts
  }

  private static func host(
    _ name: String, _ fields: ArraySlice<Substring>, place: String
  ) throws(LaunchError) -> ClusterHost {
    guard isName(name) else {
      throw LaunchError(
        "\(place): \(quoted(name)) is not the name of a host", advice: "use letters, digits, -, _ and dots")
    }
    var host = ClusterHost(name: name)
    var seen: Set<Substring> = []
    for field in fields {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, seen.insert(parts[0]).inserted else {
        throw LaunchError(
          "\(place): \(quoted(field)) is not understood", advice: "write the host, then slots=N or weight=W, each once")
      }
      switch parts[0] {
      case "slots":
        guard let slots = Int(parts[1]), 1...mostSlots ~= slots else {
          throw LaunchError(
            "\(place): \(quoted(field)) is not a number of ranks", advice: "write slots=N with N from 1 to \(mostSlots)"
          )
        }
        host.slots = slots
      case "weight":
        guard let weight = Double(parts[1]), weight > 0, weight.isFinite else {
          throw LaunchError("\(place): \(quoted(field)) is not a weight", advice: "write weight=W with W above 0")
        }
        host.weight = weight
      default:
        throw LaunchError("\(place): \(quoted(parts[0])) is not a key", advice: "known are slots and weight")
      }
    }
    return host
  }

  /// Whether a text can be a host's name, and cannot be taken for an option or a list of hosts.
  private static func isName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count), let first = text.first, first.isLetter || first.isNumber else {
      return false
    }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }

  private static func quoted(_ text: some StringProtocol) -> String {
    "\"" + text.prefix(60).map { ("!"..."~").contains($0) ? String($0) : "?" }.joined() + "\""
  }
}
