import Foundation
import Testing

@Suite("fp16")
struct LossScaleTests {
  /// A small BERT of which `torch.amp.GradScaler` with its defaults skips none of the first six steps.
  private static let vectors =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/loss-scale").path

  @Test("skips the steps that PyTorch skips, whatever the microbatch", arguments: [32, 8, 1])
  func skips(microbatch: Int) throws {
    let folder = try TemporaryFolder()
    for name in ["model", "rows.tsv", "recipe.yaml"] {
      try FileManager.default.copyItem(atPath: "\(Self.vectors)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    let outcome = try Command(
      "train", "recipe.yaml", "--set", "batch.microbatch=\(microbatch)", "--output", "out", in: folder
    ).run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let steps = try folder.read("out/metrics.jsonl").split(separator: "\n").filter { $0.contains("gradient_norm") }
    #expect(steps.count == 6, "\(steps)")
  }
}
