import Glibc

/// A machine that ranks may run on.
public struct ClusterHost: Equatable, Sendable {
  /// Its name, as the launch agent and the network know it.
  public var name: String
  /// How many ranks it takes.
  public var slots: Int
  /// Its speed beside the others': a rank on it is given so much of every batch, and hosts of more weight are filled first.
  public var weight: Double

  public init(name: String, slots: Int = 1, weight: Double = 1) {
    self.name = name
    self.slots = slots
    self.weight = weight
  }

  /// Whether it is the machine that this process runs on, which needs no launch agent.
  public var isLocal: Bool {
    ["localhost", "127.0.0.1", Self.ownName].contains(name)
  }

  /// Whether the name is an address of the Internet protocol, version 4.
  var isAddress: Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }

  private static let ownName: String = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()
}

/// How many ranks run on which host, in the order of the ranks: those of a host are neighbours.
public struct Placement: Equatable, Sendable {
  /// A host and the number of consecutive ranks on it.
  public struct Part: Equatable, Sendable {
    public var host: ClusterHost
    public var ranks: Int
  }

  public let parts: [Part]

  public var ranks: Int { parts.reduce(0) { $0 + $1.ranks } }

  /// The host of a rank; nil for a rank that is not placed.
  public func host(ofRank rank: Int) -> ClusterHost? {
    var first = 0
    for part in parts {
      if first..<first + part.ranks ~= rank { return part.host }
      first += part.ranks
    }
    return nil
  }

  /// Whether all ranks run on this machine.
  public var isLocal: Bool { parts.allSatisfy(\.host.isLocal) }

  /// The hosts as mpirun takes them: `name:ranks`, separated by commas.
  public var text: String { parts.map { "\($0.host.name):\($0.ranks)" }.joined(separator: ",") }

  /// How much of every batch each rank is given, in hundredths of the most, separated by commas; nil where all get as much.
  /// It moves whole microbatches between ranks and changes no bits under `reduction: ordered`.
  public var weights: String? {
    let weights = parts.flatMap { part in repeatElement(part.host.weight, count: part.ranks) }
    guard let largest = weights.max(), weights.contains(where: { $0 != largest }) else { return nil }
    return weights.map { "\(max(1, Int(($0 / largest * 100).rounded())))" }.joined(separator: ",")
  }

  /// Places at most `ranks` ranks on the hosts' slots, hosts of more weight first, else in the order given.
  public init(ranks: Int, on hosts: [ClusterHost]) {
    var left = ranks
    let order = hosts.indices.sorted { (-hosts[$0].weight, $0) < (-hosts[$1].weight, $1) }
    parts = order.compactMap { index in
      let share = min(left, hosts[index].slots)
      left -= share
      return share > 0 ? Part(host: hosts[index], ranks: share) : nil
    }
  }
}
