import Foundation
import Layers
import Models
import Tasks
import Tensors
import TestSupport
import Testing

/// A masked language model as transformers and PyTorch compute it in Float64, with a decoder tied to the word embeddings.
@Suite struct LanguageGoldenTests {
  private static let scenario = "tasks/masked-lm"

  private var task: MaskedLanguageModel {
    get throws { try MaskedLanguageModel(HeadDescription(outputs: 42, architecture: "BertForMaskedLM")) }
  }

  @Test("Scores of the vocabulary at masked tokens are those of transformers")
  func forward() throws {
    let (model, _, batch) = try GoldenFamily.classifier(Self.scenario, task: task)
    #expect(model.labels == 42)
    #expect(try GoldenFamily.scoreError(model, batch, Self.scenario) < 1e-5)
  }

  @Test("The loss of the first batch and its gradients are PyTorch's, the two of the word embeddings in one parameter")
  func backward() throws {
    let batch = try GoldenBatch(Self.scenario, task: task)
    #expect(abs(batch.mean - batch.wanted) < 1e-5 * batch.wanted)
    #expect(batch.gradients.layout.slices.count { $0.shape.count == 42 * 32 } == 1)
    #expect(batch.wrong.isEmpty, "\(batch.wrong)")
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights, however a batch is cut", arguments: [1, 2, 3, 6])
  func steps(microbatch: Int) throws {
    let run = try GoldenFamily(Self.scenario, task: task, microbatch: { _ in microbatch }, configure: { _ in })
    let deviations = try run.deviations()
    #expect(deviations.isEmpty, "\(deviations)")
  }
}
