import Data
import Recipes
import Text

/// A task whose model scores all tokens of its vocabulary at some tokens of each row, such as those that are masked.
///
/// Its rows have no labels: the texts themselves are what is learned. A run tokenises them, splits them into training and
/// validation rows, and asks the task for what a model sees of them.
public protocol VocabularyTask: LearningTask {
  /// Whether texts are joined to rows of the maximum length, so that none may be cut before.
  static func joinsTexts(_ recipe: Recipe) throws -> Bool

  /// The files that its keys name, which every rank reads.
  static func files(of recipe: Recipe) throws -> [String]

  /// Whether texts are joined, of a value.
  var joinsTexts: Bool { get }

  /// The same task, which knows how texts are read.
  /// - Throws: `RecipeError` or `ModelError` where texts cannot be learned so.
  func reading(_ reader: TextReader) throws -> Self

  /// Tokenised texts as a model sees them.
  /// - Throws: an error that names file and line, or one that says that there is no text.
  func rows(_ texts: any Dataset, for purpose: TextPurpose) throws -> any Dataset
}

/// What texts become tokens by.
public struct TextReader: Sendable {
  public let tokenizer: any Tokenizer
  /// Tokens of a row, special tokens included.
  public let maximumLength: Int

  public init(tokenizer: any Tokenizer, maximumLength: Int) {
    (self.tokenizer, self.maximumLength) = (tokenizer, maximumLength)
  }
}

/// What rows are for.
public enum TextPurpose: Sendable, Equatable {
  /// What is predicted is drawn anew at every step.
  case training(seed: UInt64)
  /// What is predicted is the same in every evaluation of every run.
  case judging
  /// What is predicted is what the texts leave open.
  case answering
}
