/// Which connection this is to become.
package struct HandshakeSubject: Equatable, Sendable {
  package var source: Int
  package var destination: Int
  package var epoch: UInt32
  package var kind: Kind

  /// What it is for. Raw values travel.
  package enum Kind: UInt8, Sendable {
    case data
    case control
    /// To hand in peer info and get everyone's, where there is no process manager.
    case rendezvous
  }

  package init(source: Int, destination: Int, epoch: UInt32, kind: Kind) {
    self.source = source
    self.destination = destination
    self.epoch = epoch
    self.kind = kind
  }
}
