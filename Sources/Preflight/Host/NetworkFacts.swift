import Bootstrap
import Foundation

/// A host's network addresses, and those at which ranks would listen.
package struct NetworkFacts: Codable, Equatable, Sendable {
  package struct Interface: Codable, Equatable, Sendable {
    package var name: String
    package var address: String
    /// Bits a second, where the interface says so.
    package var speed: Double?

    package init(name: String, address: String, speed: Double? = nil) {
      (self.name, self.address, self.speed) = (name, address, speed)
    }
  }

  /// All but loopback.
  package var interfaces: [Interface]
  /// The addresses chosen.
  package var chosen: [String]
  /// Why none could be chosen.
  package var problem: String?

  /// - Parameter choice: what `LOCKSTEP_INTERFACE` says, or would; nil for the choice that ranks make by themselves.
  init(choice: String?) {
    let all = NetworkInterface.all
    interfaces = all.filter { !$0.isLoopback }.map {
      Interface(name: $0.name, address: $0.address.description, speed: Self.speed($0.name))
    }
    do {
      chosen = try InterfaceChoice(choice).addresses(of: all).map(\.description)
    } catch {
      chosen = []
      if case .layout(let reason, _) = error { problem = reason } else { problem = "\(error)" }
    }
  }

  package init(interfaces: [Interface], chosen: [String], problem: String? = nil) {
    (self.interfaces, self.chosen, self.problem) = (interfaces, chosen, problem)
  }

  private static func speed(_ name: String) -> Double? {
    let text = try? String(contentsOfFile: "/sys/class/net/\(name)/speed", encoding: .utf8)
    let megabits = text.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? -1
    return megabits > 0 ? megabits * 1e6 : nil
  }
}
