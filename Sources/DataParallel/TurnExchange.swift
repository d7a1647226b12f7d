import Tensors

/// Batch norms over the microbatches of a turn, normalised as one batch: the t-th of every rank's share is in turn t.
///
/// In each round every rank sends one message. It is empty where its rank takes no part: it has no microbatch in this turn,
/// or is through with it. A turn ends with a round of empty messages alone, so that nobody needs to know how many layers
/// and passes the others run through.
package final class TurnExchange {
  private let replicas: DataParallelGroup
  private let step: Int
  private var failure: (any Error)?

  package init(_ replicas: DataParallelGroup, step: Int) {
    self.replicas = replicas
    self.step = step
  }

  package var exchange: BatchNormExchange {
    BatchNormExchange(merge: { self.merge(&$0) }, addUp: { self.addUp(&$0) })
  }

  /// Moments of all microbatches of the turn, merged in the order of the ranks.
  private func merge(_ moments: inout ChannelMoments) {
    let channels = moments.means.count
    guard let messages = round([moments.count] + moments.means + moments.squares) else { return }
    let none = [Double](repeating: 0, count: channels)
    moments = messages.reduce(into: ChannelMoments(count: 0, means: none, squares: none)) { all, message in
      all.merge(
        ChannelMoments(
          count: message[0], means: Array(message[1...channels]), squares: Array(message[(channels + 1)...])))
    }
  }

  private func addUp(_ sums: inout [Double]) {
    guard let messages = round(sums) else { return }
    sums = messages.reduce(into: [Double](repeating: 0, count: sums.count)) { all, message in
      for index in message.indices { all[index] += message[index] }
    }
  }

  /// The messages of the ranks that take part; nil once the group has failed, which `end` then reports.
  private func round(_ own: [Double]) -> [[Double]]? {
    guard failure == nil else { return nil }
    do {
      let messages = try gather(own).filter { !$0.isEmpty }
      precondition(
        messages.allSatisfy { $0.count == own.count },
        "ranks exchange \(messages.map(\.count)) numbers of a batch norm: they run different layers")
      return messages
    } catch {
      failure = error
      return nil
    }
  }

  /// Answers the other ranks until all are through with the turn.
  /// - Throws: what went wrong in the turn.
  package func end() throws {
    if let failure { throw failure }
    while try gather([]).contains(where: { !$0.isEmpty }) {}
  }

  private func gather(_ message: [Double]) throws -> [[Double]] {
    try replicas.gather(message, name: "batch statistics", step: step)
  }
}
