import Tensors

/// A layer or a model: a class whose stored properties are parameters, states and further modules.
///
/// The tree is found by reflection, in the order of declaration. A property's checkpoint name is its Swift name in snake
/// case (`wordEmbeddings` → `word_embeddings`, an array's elements by index), unless `checkpointNames` says otherwise; an
/// empty name leaves the level out, an array's indices with it.
public protocol Module: AnyObject {
  /// Checkpoint names by Swift property name, for those that the rule does not give (`["norm": "LayerNorm"]`).
  var checkpointNames: [String: String] { get }
}

extension Module {
  public var checkpointNames: [String: String] { [:] }
}

extension Module {
  /// The number of weights, which need not be in memory yet.
  package var weightCount: Double {
    var count = 0.0
    walk(self) { _, leaf in
      if case .parameter(let parameter) = leaf { count += Double(parameter.count) }
    }
    return count
  }
}

/// A value of a model that training changes without a gradient, such as a running mean.
public final class RunningState {
  public let shape: Shape
  public let initialValue: Float
  public internal(set) var name = ""
  /// Alive as long as the state is.
  var home: Arena?
  private var valuePointer: UnsafeMutablePointer<Float>?

  public init(_ shape: Shape, initialValue: Float) {
    self.shape = shape
    self.initialValue = initialValue
  }

  public var values: UnsafeMutableBufferPointer<Float> {
    guard let valuePointer else { fatalError("state of shape \(shape) is used before its arena is bound") }
    return UnsafeMutableBufferPointer(start: valuePointer, count: shape.count)
  }

  func bind(name: String, values: UnsafeMutablePointer<Float>) {
    self.name = name
    valuePointer = values
  }
}

/// What hangs on a tree of modules, with its path.
enum ModuleLeaf {
  case parameter(Parameter)
  case state(RunningState)
  case dropout(Dropout)
  case module(any Module)
}

/// Visits everything below a module in the order of declaration, parents before children.
func walk(_ module: any Module, path: String = "", visit: (String, ModuleLeaf) -> Void) {
  visit(path, (module as? Dropout).map(ModuleLeaf.dropout) ?? .module(module))
  var mirrors: [Mirror] = []
  var next: Mirror? = Mirror(reflecting: module)
  while let mirror = next {
    mirrors.append(mirror)
    next = mirror.superclassMirror
  }
  for child in mirrors.reversed().flatMap(\.children) {
    guard let label = child.label else { continue }
    let name = module.checkpointNames[label] ?? snakeCase(label)
    walkChild(child.value, name: name, of: path, visit: visit)
  }
}

private func walkChild(_ value: Any, name: String, of parent: String, visit: (String, ModuleLeaf) -> Void) {
  let path = [parent, name].filter { !$0.isEmpty }.joined(separator: ".")
  switch value {
  case let parameter as Parameter: visit(path, .parameter(parameter))
  case let state as RunningState: visit(path, .state(state))
  case let module as any Module: walk(module, path: path, visit: visit)
  case let modules as [any Module]:
    for (index, module) in modules.enumerated() {
      walk(module, path: name.isEmpty ? path : "\(path).\(index)", visit: visit)
    }
  default: break
  }
}

func snakeCase(_ name: String) -> String {
  name.reduce(into: "") { result, character in
    if character.isUppercase { result += "_" }
    result += character.lowercased()
  }
}
