import Foundation
import Glibc

/// The machine this process runs on.
package enum Host {
  /// Its name.
  static var name: String { ProcessInfo.processInfo.hostName }

  /// What distinguishes it from every other running machine, whatever its name: the kernel's start, and its network, as a
  /// container may have one of its own.
  static var identity: String {
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let network = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")) ?? ""
    return (boot?.trimmingCharacters(in: .whitespacesAndNewlines) ?? name) + " " + network
  }

  /// How many processors this process may use, by its affinity mask and by the time that its control group is allowed.
  static var processors: Int { ControlGroup.here.usable(of: ProcessInfo.processInfo.activeProcessorCount) }

  /// How many processors the machine has, for all its containers.
  static var allProcessors: Int { ProcessInfo.processInfo.processorCount }

  /// Whether a rank may look for bytes awake: no other needs the processor, on its host or in another container beside it.
  ///
  /// - Parameter identities: of all ranks' hosts.
  package static func mayWaitAwake(
    on identity: String, among identities: [String], processors: Int, allProcessors: Int
  ) -> Bool {
    func kernel(_ identity: String) -> Substring { identity.prefix { $0 != " " } }
    return identities.count { $0 == identity } <= processors
      && identities.count { kernel($0) == kernel(identity) } <= allProcessors
  }
}

/// An address of the Internet protocol, version 4.
package struct IPv4: Equatable, CustomStringConvertible {
  package var bits: UInt32

  package init(_ bits: UInt32) { self.bits = bits }

  /// Reads four numbers with dots between them.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, parts.allSatisfy({ $0 != nil }) else { return nil }
    bits = parts.reduce(0) { $0 << 8 | UInt32($1!) }
  }

  package var description: String {
    stride(from: 24, through: 0, by: -8).map { "\(bits >> UInt32($0) & 255)" }.joined(separator: ".")
  }

  /// Whether its first `count` bits are those of `network`.
  func isIn(_ network: IPv4, bits count: Int) -> Bool {
    count == 0 || (bits ^ network.bits) >> UInt32(32 - count) == 0
  }
}

/// One of this host's addresses and the interface that has it.
package struct NetworkInterface: Equatable {
  package var name: String
  package var address: IPv4
  package var isLoopback: Bool

  package init(name: String, address: IPv4, isLoopback: Bool = false) {
    self.name = name
    self.address = address
    self.isLoopback = isLoopback
  }

  /// Whether it leads to containers or machines inside this host.
  var isVirtual: Bool { ["docker", "virbr", "br-", "cni", "flannel"].contains { name.hasPrefix($0) } }

  /// Those that are up.
  package static var all: [NetworkInterface] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    return sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap { entry in
      guard let entry = entry?.pointee, let raw = entry.ifa_addr, raw.pointee.sa_family == UInt16(AF_INET) else {
        return nil
      }
      let flags = Int32(bitPattern: entry.ifa_flags)
      guard flags & Int32(IFF_UP) != 0 else { return nil }
      let address = raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        IPv4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
      return NetworkInterface(
        name: String(cString: entry.ifa_name), address: address, isLoopback: flags & Int32(IFF_LOOPBACK) != 0)
    }
  }
}
