/// What the columns of published tables are called, in small letters; of several the first is meant first.
enum ColumnNames {
  static let texts = [
    "sentence", "text", "sentence1", "premise", "question1", "query1", "#1 string", "text_a", "text1", "string1", "s1",
    "context", "passage", "question", "query", "content", "review", "comment", "comment_text", "tweet", "message",
    "body",
    "review_text", "review_body", "verified_reviews", "utterance", "full_text", "essay", "excerpt", "document",
    "article", "abstract", "prompt", "title", "headline", "description", "v2",
  ]

  /// The second text of a pair, by the first.
  static let pairs = [
    "sentence1": ["sentence2"], "premise": ["hypothesis"], "question1": ["question2"], "query1": ["query2"],
    "#1 string": ["#2 string"], "text_a": ["text_b"], "text1": ["text2"], "string1": ["string2"], "s1": ["s2"],
    "question": ["sentence", "answer_text"], "query": ["title", "query2"], "context": ["question"],
    "passage": ["question"],
    "sentence": ["question"],
  ]

  /// What is asked of a text, where rows have options.
  static let question = "question"

  static let labels = [
    "label", "labels", "gold_label", "class", "classes", "category", "categories", "target", "sentiment", "is_toxic",
    "toxic", "emotion", "emotions", "intent", "polarity", "topic", "is_duplicate", "score", "similarity",
    "similarity_score", "relatedness_score", "quality", "feedback", "answerkey", "answer", "stars", "rating", "tag",
    "tags", "v1",
  ]

  static let ids = [
    "id", "idx", "index", "guid", "qid", "pairid", "pair_id", "row_id", "text_id", "textid", "tweet_id", "review_id",
    "example_id",
  ]

  /// Lists of answers among which one is right.
  static let optionLists = ["choices", "options", "endings", "candidates", "choice", "choices.text", "options.text"]

  /// Answers of a column each, without the number or letter at the end.
  static let optionStems = ["choice", "option", "ending", "answer", "op", "sol", "candidate", "opt"]

  /// All of them, which headers may hold; too short ones say little.
  static let known = Set(
    (texts + pairs.values.joined() + labels + ids + optionLists).filter { $0.count > 2 } + ["id", "v1", "v2"])
}
