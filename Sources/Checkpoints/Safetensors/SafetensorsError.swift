import Support

/// A safetensors file that cannot be used: names the file, the tensor where there is one, and ends with what to do.
public struct SafetensorsError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The path of the file, as the caller gave it.
  public let file: String
  /// The tensor that is wrong, or nil when the whole file is.
  public let tensor: String?
  /// What is wrong.
  public let problem: String
  /// What the user should do about it.
  public let advice: String

  /// Advice for a file whose bytes cannot be what its writer meant.
  package static let damaged = "copy or download the file again"

  package init(file: String, tensor: String? = nil, _ problem: String, advice: String = Self.damaged) {
    self.file = file
    self.tensor = tensor
    self.problem = problem
    self.advice = advice
  }

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    "\(file): \(tensor.map { "tensor \(quoted($0)) " } ?? "")\(problem); \(advice)"
  }
}

/// A name from a file, safe to print on one line: control characters escaped, at most 120 characters.
func quoted(_ name: String) -> String {
  String(reflecting: name.count > 120 ? name.prefix(119) + "…" : name[...])
}
