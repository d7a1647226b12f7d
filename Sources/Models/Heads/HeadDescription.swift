/// What the scores of a head mean, as a `config.json` says it.
public struct HeadDescription {
  /// Where it is from, for errors.
  public var source: String
  /// Scores of a sequence; 0 where the model gives its vector, or scores its vocabulary.
  public var outputs: Int
  /// The names of the scores; nil where they are only numbered.
  public var names: [String]?
  /// `problem_type`, where it is stated.
  public var problemType: String?
  /// How the name of its class in transformers ends; nil where it is not stated.
  public var architecture: String?
  /// What transformers does not know and this program needs: `lockstep_task`.
  public var settings: [String: Any]
  /// What an export does to the scores; nil for nothing.
  public var scale: OutputScale?

  public init(
    source: String = "", outputs: Int, names: [String]? = nil, problemType: String? = nil, architecture: String? = nil,
    settings: [String: Any] = [:], scale: OutputScale? = nil
  ) {
    (self.source, self.outputs, self.names) = (source, outputs, names)
    (self.problemType, self.architecture, self.settings) = (problemType, architecture, settings)
    self.scale = scale
  }

  static let key = "lockstep_task"

  /// The names, or `LABEL_0` ….
  public var allNames: [String] { names ?? ModelFolder.usualClassNames(outputs) }

  /// The keys of a `config.json`, besides the architecture's.
  var json: [String: Any] {
    var json = outputs > 0 ? ModelFolder.classTables(allNames) : [:]
    json["problem_type"] = problemType
    if !settings.isEmpty { json[Self.key] = settings }
    return json
  }
}
