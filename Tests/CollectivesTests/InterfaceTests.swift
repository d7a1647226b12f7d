import Bootstrap
import Collectives
import Testing

@Suite("The choice of an interface")
struct InterfaceTests {
  private static let host = [
    NetworkInterface(name: "lo", address: IPv4("127.0.0.1")!, isLoopback: true),
    NetworkInterface(name: "eth0", address: IPv4("10.1.2.3")!),
    NetworkInterface(name: "ib0", address: IPv4("192.168.7.9")!),
    NetworkInterface(name: "docker0", address: IPv4("172.17.0.1")!),
  ]

  @Test(
    "takes those that are named, those of a subnet, or all that lead out of the host",
    arguments: [
      (nil, ["10.1.2.3", "192.168.7.9"]), ("", ["10.1.2.3", "192.168.7.9"]), ("ib0", ["192.168.7.9"]),
      ("docker0", ["172.17.0.1"]), ("lo", ["127.0.0.1"]), ("10.0.0.0/8", ["10.1.2.3"]),
      ("192.168.7.9/32", ["192.168.7.9"]), ("0.0.0.0/0", ["127.0.0.1", "10.1.2.3", "192.168.7.9", "172.17.0.1"]),
      ("any", ["10.1.2.3", "192.168.7.9", "172.17.0.1"]),
    ] as [(String?, [String])])
  func choice(text: String?, expected: [String]) throws {
    #expect(try InterfaceChoice(text).addresses(of: Self.host).map(\.description) == expected)
  }

  @Test("names what there is when nothing fits", arguments: ["eth1", "10.2.0.0/16", "192.168.7.8/32"])
  func nothing(text: String) throws {
    let error = #expect(throws: GroupError.self) { try InterfaceChoice(text).addresses(of: Self.host) }
    #expect(error?.exitStatus == 78 && error?.description.contains("eth0 10.1.2.3") == true)
  }

  @Test("refuses what is neither a name nor a subnet", arguments: ["10.0.0.0/33", "10.0.0/8", "a/b/c", "1.2.3.4/-1"])
  func malformed(text: String) { #expect(throws: GroupError.self) { try InterfaceChoice(text) } }

  @Test("reads addresses strictly", arguments: ["1.2.3", "1.2.3.256", "1.2.3.4.5", "1..2.3", "a.b.c.d", ""])
  func addresses(text: String) { #expect(IPv4(text) == nil) }

  @Test("a rendezvous is HOST:PORT or a file")
  func rendezvous() throws {
    #expect(try RendezvousAddress("node-1:29500") == .host("node-1", port: 29500))
    #expect(try RendezvousAddress("file:/shared/where") == .file("/shared/where"))
    for text in ["", "node-1", "node-1:", ":1", "node-1:0", "node-1:65536", "a:b:1", "file:relative", "node-1:1x"] {
      #expect(throws: GroupError.self, "\(text)") { try RendezvousAddress(text) }
    }
  }
}
