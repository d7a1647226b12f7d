import Launching
import Testing

@Suite("A host file")
struct HostFileTests {
  @Test("lists hosts with slots and weights, and skips comments and empty lines")
  func reads() throws {
    let text = "# two machines\n\nnode1 slots=4 # fast\r\n\tnode-2.lan   weight=0.5 slots=2\n10.0.0.3\n"
    #expect(
      try HostFile(text, source: "hosts").hosts == [
        ClusterHost(name: "node1", slots: 4), ClusterHost(name: "node-2.lan", slots: 2, weight: 0.5),
        ClusterHost(name: "10.0.0.3"),
      ])
  }

  @Test(
    "with a bad line is refused in one line that names file and line",
    arguments: [
      ("node1\nnode2 slots=0", "hosts:2: \"slots=0\" is not a number of ranks"),
      ("node1 slots=4097", "hosts:1: \"slots=4097\" is not a number of ranks"),
      ("node1 slots=99999999999999999999", "hosts:1: "), ("node1 slots=", "hosts:1: \"slots=\" is not a number"),
      ("node1 slots=2 slots=2", "hosts:1: \"slots=2\" is not understood"),
      ("node1 weight=-1", "hosts:1: \"weight=-1\" is not a weight"), ("node1 weight=nan", "hosts:1: "),
      ("node1 weight=inf", "hosts:1: "), ("node1 cores=2", "hosts:1: \"cores\" is not a key"),
      ("node1 node2", "hosts:1: \"node2\" is not understood"), ("a\nb\na", "hosts:3: a is in line 1 already"),
      ("-oProxyCommand=x", "hosts:1: \"-oProxyCommand=x\" is not the name of a host"),
      ("a,b", "hosts:1: \"a,b\" is not the name"),
      ("a:2", "hosts:1: \"a:2\" is not the name of a host"),
      ("n\u{1b}[1m", "hosts:1: \"n?[1m\" is not the name of a host"),
      ("", "hosts: names no host"), ("# nothing\n", "hosts: names no host"),
    ])
  func refuses(text: String, expected: String) {
    let error = #expect(throws: LaunchError.self) { try HostFile(text, source: "hosts") }
    let line = error?.description ?? ""
    #expect(line.hasPrefix(expected) && line.contains("; ") && !line.contains("\n"), "\(line)")
  }

  @Test("that is not there is refused by its path")
  func missing() {
    let error = #expect(throws: LaunchError.self) { try HostFile(contentsOfFile: "/nowhere/hosts") }
    #expect(error?.description.hasPrefix("/nowhere/hosts: cannot be read") == true)
  }

  @Test("of any bytes is read or refused, in little time", arguments: 0..<8)
  func anyBytes(seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
    let alphabet = Array("node slots=weight=0.5 \n\t#=-12\u{e9}\u{0}")
    for _ in 0..<500 {
      let text = String(
        (0..<40).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return alphabet[Int(state >> 33) % alphabet.count]
        })
      if let hosts = try? HostFile(text, source: "hosts").hosts {
        #expect(hosts.allSatisfy { $0.slots >= 1 && $0.weight > 0 && !$0.name.hasPrefix("-") })
      }
    }
  }

  @Test("fills hosts in order, those of more weight first")
  func placement() {
    let hosts = [
      ClusterHost(name: "a", slots: 2), ClusterHost(name: "b", slots: 3, weight: 2), ClusterHost(name: "c", slots: 1),
    ]
    #expect(Placement(ranks: 4, on: hosts).text == "b:3,a:1")
    #expect(Placement(ranks: 6, on: hosts).text == "b:3,a:2,c:1")
    #expect(Placement(ranks: 9, on: hosts).ranks == 6)
    let names = (0..<7).map { Placement(ranks: 6, on: hosts).host(ofRank: $0)?.name }
    #expect(names == ["b", "b", "b", "a", "a", "c", nil])
    #expect(Placement(ranks: 4, on: hosts).weights == "100,100,100,50")
    #expect(Placement(ranks: 3, on: hosts).weights == nil)
    #expect(Placement(ranks: 1, on: [ClusterHost(name: "localhost")]).isLocal)
    #expect(!Placement(ranks: 1, on: hosts).isLocal)
  }
}
