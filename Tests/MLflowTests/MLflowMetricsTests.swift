import Foundation
import MLflow
import Testing

@Suite("Metrics in MLflow's file format")
struct MLflowMetricsTests {
  @Test("keep the values through the step that a run is resumed from, and lose lines that cannot be read")
  func resumed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "mlflow-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "train/loss")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "train"), withIntermediateDirectories: true)
    try "100 0.5 1\n200 nan 2\n\n300 x 2\n300 0.1\n400 0.2 3\n500 0.25".write(
      to: file, atomically: true, encoding: .utf8)
    try MLflowMetrics(folder: folder.path).keep(through: 2)
    #expect(try String(contentsOf: file, encoding: .utf8) == "100 0.5 1\n200 nan 2\n")
  }

  @Test(
    "have names of the characters that MLflow allows",
    arguments: [("train/loss", "train/loss"), ("f1 (好)", "f1 ___"), ("a=b*c", "a_b_c")])
  func names(name: String, allowed: String) {
    #expect(MLflowStore.name(name) == allowed)
  }
}
