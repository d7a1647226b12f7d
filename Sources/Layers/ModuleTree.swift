import Tensors

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
