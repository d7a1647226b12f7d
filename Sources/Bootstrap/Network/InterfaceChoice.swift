import Collectives

/// Which addresses of this host ranks listen on, as `LOCKSTEP_INTERFACE` says.
package enum InterfaceChoice: Equatable {
  /// Those of all interfaces but loopback and bridges for containers and machines.
  case automatic
  /// Every address there is.
  case any
  case named(String)
  case subnet(IPv4, bits: Int)

  package init(_ text: String?) throws(GroupError) {
    switch text {
    case nil, "": self = .automatic
    case "any": self = .any
    case let text?:
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count == 2, let address = IPv4(parts[0]), let bits = Int(parts[1]), 0...32 ~= bits {
        self = .subnet(address, bits: bits)
      } else if parts.count == 1 {
        self = .named(text)
      } else {
        throw .layout(
          reason: "\(JobEnvironment.interface) is '\(text)'", advice: "give an interface such as eth0, a subnet, or any"
        )
      }
    }
  }

  /// The chosen ones of a host's addresses.
  package func addresses(of interfaces: [NetworkInterface]) throws(GroupError) -> [IPv4] {
    let chosen = interfaces.filter { interface in
      switch self {
      case .automatic: !interface.isLoopback && !interface.isVirtual
      case .any: !interface.isLoopback
      case .named(let name): interface.name == name
      case .subnet(let address, let bits): interface.address.isIn(address, bits: bits)
      }
    }
    if !chosen.isEmpty { return chosen.map(\.address) }
    let known = interfaces.map { "\($0.name) \($0.address)" }.joined(separator: ", ")
    throw .layout(
      reason: "this host has no network address \(words) (it has \(known.isEmpty ? "none" : known))",
      advice: "set \(JobEnvironment.interface) to one of its interfaces or subnets")
  }

  private var words: String {
    switch self {
    case .automatic, .any: "that other hosts can reach"
    case .named(let name): "on interface \(name)"
    case .subnet(let address, let bits): "in \(address)/\(bits)"
    }
  }
}

/// The addresses where a rank listens, and those that it advertises to other hosts.
struct ListeningPlan {
  var bound: [String]
  var announced: [String]

  /// Ranks of one host listen on loopback alone; others on the chosen addresses, and on loopback for their neighbours.
  init(isOneHost: Bool, choice: InterfaceChoice) throws(GroupError) {
    if isOneHost {
      (bound, announced) = ([Self.loopback], [])
      return
    }
    announced = try choice.addresses(of: NetworkInterface.all).map(\.description)
    bound = choice == .any ? ["0.0.0.0"] : announced
    if choice != .any, !announced.contains(Self.loopback) { bound.append(Self.loopback) }
  }

  static let loopback = "127.0.0.1"
}
