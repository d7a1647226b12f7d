import Foundation
import Glibc

/// The machine this process runs on.
enum Host {
  /// Its name.
  static var name: String { ProcessInfo.processInfo.hostName }

  /// What distinguishes it from every other running machine, whatever its name.
  static var identity: String {
    let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let network = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")) ?? ""
    return (boot?.trimmingCharacters(in: .whitespacesAndNewlines) ?? name) + network
  }

  /// How many processors this process may use.
  static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// The IPv4 addresses at which other machines may reach this one, without those of bridges for containers and machines.
  static var addresses: [String] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: [String] = []
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap({ $0?.pointee }) {
      let interface = String(cString: entry.ifa_name)
      let flags = Int32(bitPattern: entry.ifa_flags)
      guard let address = entry.ifa_addr, address.pointee.sa_family == UInt16(AF_INET),
        flags & Int32(IFF_UP) != 0, flags & Int32(IFF_LOOPBACK) == 0,
        isChosen(interface), let words = words(of: address)
      else { continue }
      found.append(words)
    }
    return found
  }

  private static func isChosen(_ interface: String) -> Bool {
    if let wanted = ProcessInfo.processInfo.environment["LOCKSTEP_INTERFACE"] { return interface == wanted }
    return !["docker", "virbr", "br-", "cni", "flannel"].contains { interface.hasPrefix($0) }
  }

  private static func words(of address: UnsafeMutablePointer<sockaddr>) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
