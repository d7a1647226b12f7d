import Data
import Models
import Recipes
import Tasks
import Text
import Training

extension TaskKinds {
  /// How the recipe's texts are tokenised: whole where they are joined afterwards.
  /// - Throws: `RecipeError` for an unknown kind.
  func tokens(of recipe: Recipe, _ tokenizer: any Tokenizer, maximumLength: Int) throws -> TokenDataset.Settings {
    let task = try vocabularyTask(of: recipe)
    let areWhole = try task?.joinsTexts(recipe) ?? false
    var settings = TokenDataset.Settings(
      tokenizer: tokenizer, maximumLength: areWhole ? TokenDataset.wholeTexts : maximumLength)
    settings.options = recipe.data.tableOptions
    settings.options.readsLines = task != nil
    return settings
  }
}

extension LearningTask {
  /// The same task; one that scores the vocabulary knows how texts are read.
  package func reading(_ tokenizer: any Tokenizer, maximumLength: Int) throws -> any LearningTask {
    try (self as? any VocabularyTask)?.reading(TextReader(tokenizer: tokenizer, maximumLength: maximumLength)) ?? self
  }

  /// Tokenised rows as the task learns or judges them.
  package func rows(_ rows: any Dataset, for purpose: TextPurpose) throws -> any Dataset {
    try (self as? any VocabularyTask)?.rows(rows, for: purpose) ?? rows
  }
}

extension EncoderFamily {
  /// The head of a run that scores the vocabulary.
  /// - Throws: `RecipeError` or `ModelError` where another is asked for, or the model's decoder has its own weights.
  func vocabularyHead(_ directory: PretrainedDirectory?, _ recipe: Recipe) throws -> HeadDesign {
    let choice = recipe.model.head
    for (key, isGiven) in [
      ("pooling", choice.pooling != nil), ("hidden", choice.hidden != nil), ("dropout", choice.dropouts != nil),
    ] where isGiven {
      throw RecipeError(
        source: recipe.source, key: "model.head.\(key)",
        problem: "is given, and the head of a language model is that of its family; leave it out")
    }
    if recipe.model.configuration?["tie_word_embeddings"] as? Bool == false {
      throw RecipeError(
        source: recipe.source, key: "model.configuration.tie_word_embeddings",
        problem: "is false, and a decoder with its own weights is not computed here; leave it out")
    }
    try directory?.requireTiedWords()
    return vocabularyHead
  }
}
