import Yams

/// The text of a recipe, or of a value of `--set`, as YAML: what could cost more than its length is refused before it is
/// parsed, and every error names the line.
///
/// Aliases are refused: a few lines of them stand for more nodes than memory holds, and no recipe needs them.
enum RecipeText {
  /// - Parameter isValue: whether the text is a value of `--set`, whose errors need no line.
  static func node(_ yaml: String, source: String, isValue: Bool = false) throws -> Node? {
    func refuse(_ line: Int?, _ problem: String) -> RecipeError {
      let place = isValue ? source : line.map { "\(source), line \($0)" } ?? source
      return RecipeError(source: place, key: "", problem: problem)
    }
    let text = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    var scanner = RecipeScanner(text)
    if let (line, problem) = scanner.firstProblem() { throw refuse(line, problem) }
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      let (line, problem) = error.inShort
      throw refuse(line, problem)
    }
  }
}

extension YamlError {
  /// The line, where it is known, and what is wrong there.
  fileprivate var inShort: (line: Int?, problem: String) {
    switch self {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      // Where something was opened that is not closed, the line of its beginning says more than that of the end.
      let beginning = context.map { " \($0.text), from line \($0.mark.line)" } ?? ""
      return (mark.line, "is not valid YAML (\(problem)\(beginning)); correct the line")
    case .composer(_, let problem, let mark, _):
      if problem.contains("another document") {
        return (mark.line, "begins a second document; a recipe is one, so remove the line of dashes or what follows it")
      }
      return (mark.line, "is not valid YAML (\(problem)); correct the line")
    case .duplicatedKeysInMapping(let keys, let context):
      return (context.mark.line, "gives the key \"\(keys.first ?? "")\" twice in one mapping; keep one of them")
    case .reader(let problem, _, _, _):
      return (nil, "is not valid YAML (\(problem)); remove the character")
    default:
      return (nil, "is not valid YAML; correct it")
    }
  }
}
