import Layers
import Tensors

/// Scores between the tags of neighbouring words, of the first and of the last one, which stand behind those of the words.
final class TransitionScores: Module {
  /// From the tag of the row to the tag of the column.
  let transitions: Parameter
  let startTransitions: Parameter
  let endTransitions: Parameter

  /// The first values are those of pytorch-crf: uniform within ±0.1.
  init(tags: Int) {
    func table(_ shape: Shape) -> Parameter { Parameter(shape, kind: .bias, initializer: .uniform(0.1)) }
    transitions = table([tags, tags])
    (startTransitions, endTransitions) = (table([tags]), table([tags]))
  }

  /// [words, tags] → [words + tags + 2, tags].
  func callAsFunction(_ scores: Tensor, _ pass: Pass) -> Tensor {
    pass.stacked(scores, [transitions, startTransitions, endTransitions])
  }
}
