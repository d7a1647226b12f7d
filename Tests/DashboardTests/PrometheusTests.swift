import Dashboard
import Foundation
import Testing

@Suite("The figures for Prometheus")
struct PrometheusTests {
  @Test("are in its text format, line by line, and say what the files say")
  func format() throws {
    let folder = try RunFolder()
    try folder.append(RunFolder.line(step: 50, loss: 0.125) + RunFolder.pace(step: 50) + RunFolder.pace(step: 100))
    try folder.append(RunFolder.evaluation(step: 50, weights: "ema", accuracy: 0.75))
    try folder.append("{\"step\": 50, \"evaluation\": {\"weights\": \"a\\\"b\\\\c\\nd\", \"f1\": 0.5}}\n")
    let reader = RunReader(folder.directory)
    reader.refresh()
    let text = PrometheusText(reader, now: Date.now.timeIntervalSince1970).text
    var types: [String: String] = [:]
    var samples: [String: Double] = [:]
    // https://prometheus.io/docs/instrumenting/exposition_formats
    let sample = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+)$/
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil, "\(words[2]) twice")
      } else if !line.hasPrefix("# HELP ") {
        let found = try #require(line.wholeMatch(of: sample), "\(line) is no sample")
        #expect(types[String(found.1)] != nil, "\(line) without a type")
        let key = String(found.1) + String(found.2 ?? "")
        #expect(samples.updateValue(try #require(Double(found.3)), forKey: key) == nil, "\(key) twice")
      }
    }
    #expect(samples["lockstep_step"] == 50 && samples["lockstep_loss"] == 0.125)
    #expect(samples["lockstep_evaluation{metric=\"accuracy\",weights=\"ema\"}"] == 0.75)
    #expect(samples["lockstep_evaluation{metric=\"f1\",weights=\"a\\\"b\\\\c\\nd\"}"] == 0.5)
    #expect(samples["lockstep_rank_seconds_total{rank=\"1\",kind=\"waiting\"}"] == 1)
    #expect(types["lockstep_rank_seconds_total"] == "counter")
    #expect(samples["lockstep_rank_memory_peak_bytes{rank=\"1\"}"] == 120_000_000)
    #expect(
      samples["lockstep_run_state{state=\"running\"}"] == 1 && samples["lockstep_run_state{state=\"failed\"}"] == 0)
  }
}
