/// Recipe key `model.kind`.
public enum ModelRecipeKind: String, Sendable, CaseIterable {
  case textClassifier = "bert-classifier"
  case imageClassifier = "image-classifier"
}
