import Models
import Training

extension EncoderFamily {
  /// The head of a task; nil for the family's usual one.
  package func design(of task: any LearningTask) -> HeadDesign? {
    let kind = type(of: task)
    if kind.givesVectors { return .vectors(.mean) }
    if kind.layout == .words { return wordHead }
    return task is any VocabularyTask ? vocabularyHead : nil
  }
}
