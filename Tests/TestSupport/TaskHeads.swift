import Models
import Training

extension EncoderFamily {
  /// The head of a task; nil for the family's usual one.
  package func design(of task: any LearningTask) -> HeadDesign? {
    let kind = type(of: task)
    if kind.givesVectors { return .vectors(.mean) }
    return task is any VocabularyTask ? vocabularyHead : partHead(kind.layout)
  }
}
