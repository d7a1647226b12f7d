import Bootstrap

/// Somebody in the middle of a connection on which two ends shake hands: sees every message and passes on what it likes.
struct Middle {
  /// A message on its way.
  struct Message {
    let isFromClient: Bool
    /// Counts the messages of its side, from 0.
    let number: Int
    let bytes: [UInt8]
  }

  var client: Handshake
  var server: Handshake
  var outcomes = (client: Handshake.Outcome.goesOn, server: Handshake.Outcome.goesOn)
  /// What is passed on in place of a message: messages for the other side.
  var change: (Message) -> [[UInt8]] = { [$0.bytes] }
  /// All that was said, as it was said.
  private(set) var seen: [Message] = []

  init(client: Handshake, server: Handshake) {
    self.client = client
    self.server = server
  }

  /// How many ends took the connection for genuine.
  var admitted: Int { [outcomes.client, outcomes.server].count { if case .done = $0 { true } else { false } } }

  /// Carries bytes to and fro, in pieces, until neither side says more.
  mutating func run(piece: Int = 1000) {
    var counts = (client: 0, server: 0)
    while !client.outgoing.isEmpty || !server.outgoing.isEmpty {
      let (said, heard) = (client.outgoing, server.outgoing)
      (client.outgoing, server.outgoing) = ([], [])
      if !said.isEmpty {
        for bytes in pass(Message(isFromClient: true, number: counts.client, bytes: said)) {
          Self.feed(bytes, piece, to: &server, &outcomes.server)
        }
        counts.client += 1
      }
      if !heard.isEmpty {
        for bytes in pass(Message(isFromClient: false, number: counts.server, bytes: heard)) {
          Self.feed(bytes, piece, to: &client, &outcomes.client)
        }
        counts.server += 1
      }
    }
  }

  private mutating func pass(_ message: Message) -> [[UInt8]] {
    seen.append(message)
    return change(message)
  }

  private static func feed(
    _ bytes: [UInt8], _ piece: Int, to side: inout Handshake, _ outcome: inout Handshake.Outcome
  ) {
    var rest = bytes[...]
    while !rest.isEmpty, outcome == .goesOn {
      let count = min(piece, rest.count, side.wanted)
      outcome = side.receive(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
  }
}
