import Support

/// What a run says of itself when it starts: `run` in the line of the start in `history.jsonl`.
struct RunFacts {
  /// Texts and counts by their names there.
  private(set) var members: [(name: String, value: JSONLine)] = []
  /// Each host once, with how many ranks it has.
  private(set) var hosts: [(name: String, ranks: Int)] = []
  private(set) var bestMetric: String?
  private(set) var isLargerBetter: Bool?

  private static let texts = [
    "version", "command", "directory", "model", "task", "precision", "kernels", "reduction", "targets",
  ]
  private static let counts = [
    "ranks", "threads", "rows", "validation_rows", "trained_weights", "frozen_weights", "steps_per_epoch", "batch",
    "microbatch",
  ]
  private static let mostHosts = 64

  init(_ value: JSONValue) {
    for name in Self.texts {
      if let text = value[name]?.text, !text.isEmpty { members.append((name, .string(text))) }
    }
    for name in Self.counts {
      if let count = value[name]?.integer, count >= 0 { members.append((name, .integer(count))) }
    }
    for name in (value["hosts"]?.elements ?? []).prefix(4096).compactMap(\.text) {
      if let index = hosts.firstIndex(where: { $0.name == name }) {
        hosts[index].ranks += 1
      } else if hosts.count < Self.mostHosts {
        hosts.append((name, 1))
      }
    }
    (bestMetric, isLargerBetter) = (value["best_metric"]?.text, value["larger_is_better"]?.boolean)
  }

  subscript(name: String) -> JSONLine? { members.first { $0.name == name }?.value }

  var json: [(String, JSONLine)] {
    members.map { ($0.name, $0.value) }
      + [("hosts", .array(hosts.map { .array([.string($0.name), .integer($0.ranks)]) }))]
  }
}
