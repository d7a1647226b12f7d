/// A run, or several under their names, in Prometheus' text format, version 0.0.4.
package struct PrometheusText {
  private struct Metric {
    var name: String
    var help: String
    var type: String
    var samples: [([(String, String)], Double)]
  }

  private var metrics: [Metric] = []
  /// The label of the run that is being added, where there are several.
  private var run: [(String, String)] = []

  package init(_ reader: RunReader, now: Double) { add(reader, now) }

  init(_ runs: [(name: String, reader: RunReader)], now: Double) {
    for (name, reader) in runs {
      run = [("run", name)]
      add(reader, now)
    }
  }

  package var text: String {
    metrics.map { metric in
      let lines = metric.samples.map { labels, value in
        let inner = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return "\(metric.name)\(inner.isEmpty ? "" : "{\(inner)}") \(value)\n"
      }
      return "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.type)\n" + lines.joined()
    }.joined()
  }

  private mutating func add(_ reader: RunReader, _ now: Double) {
    let (status, record) = (RunStatus(reader, now: now), reader.record)
    add(
      "lockstep_run_state", "Whether the run is in this state.",
      RunStatus.State.allCases.map { state in
        ([("state", state.rawValue)], state == status.state ? 1 : 0)
      })
    add("lockstep_step", "Committed steps.", value: Double(status.step))
    add("lockstep_steps_planned", "Steps that the recipe asks for.", value: status.totalSteps.map { Double($0) })
    add("lockstep_epoch", "The epoch of the latest step, from 1.", value: Double(status.epoch))
    for (index, name) in RunRecord.figures.enumerated() {
      add("lockstep_" + name, Self.help[index], value: record.curves[index].latest)
    }
    add("lockstep_step_seconds", "Mean of the latest steps.", value: status.secondsPerStep)
    add("lockstep_remaining_seconds", "Estimate until the end of the recipe.", value: status.remaining)
    add(
      "lockstep_evaluation", "The newest evaluation.",
      record.scores.compactMap { score in
        score.curve.latest.map { ([("metric", score.metric), ("weights", score.weights)], $0) }
      })
    addRanks(record.ranks)
    add(
      "lockstep_checkpoint_step", "Step of the newest checkpoint.",
      value: reader.files.checkpoints.last.map { Double($0) })
    add("lockstep_restarts", "Starts of the run after the first.", value: Double(status.restarts))
    add("lockstep_warnings", "Warnings since the latest start.", value: Double(reader.events.warnings))
    add("lockstep_skipped_updates", "Updates skipped because a gradient overflowed.", value: Double(record.skipped))
    add("lockstep_silence_seconds", "Since the latest line of the run.", value: status.silence)
  }

  private static let help = [
    "Mean loss of the latest step.", "Learning rate of the latest step.",
    "Norm of the latest step's gradient before clipping.", "Rows a second in the latest step.",
  ]

  private mutating func addRanks(_ ranks: RankFigures) {
    var seconds: [([(String, String)], Double)] = []
    for (kind, column) in zip(RankFigures.kinds, ranks.whole.seconds) {
      for (rank, value) in column.enumerated() { seconds.append(([("rank", "\(rank)"), ("kind", kind)], value)) }
    }
    add("lockstep_rank_seconds_total", "How each rank spent its time.", seconds, type: "counter")
    let memory = ranks.memory.enumerated().map { ([("rank", "\($0.offset)")], $0.element) }
    add("lockstep_rank_memory_peak_bytes", "The most memory that each rank ever held.", memory)
  }

  private mutating func add(_ name: String, _ help: String, value: Double?) {
    if let value { add(name, help, [([], value)]) }
  }

  private mutating func add(
    _ name: String, _ help: String, _ samples: [([(String, String)], Double)], type: String = "gauge"
  ) {
    guard !samples.isEmpty else { return }
    let labelled = samples.map { (run + $0.0, $0.1) }
    guard let index = metrics.firstIndex(where: { $0.name == name }) else {
      return metrics.append(Metric(name: name, help: help, type: type, samples: labelled))
    }
    metrics[index].samples += labelled
  }

  private static func escaped(_ label: String) -> String {
    var result = ""
    for scalar in label.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
