/// The word by which a recipe chooses how ranks add; the page "Reductions" has them all.
public struct ReductionKind: Sendable {
  package let reduction: any Reduction.Type

  package init(_ reduction: any Reduction.Type) { self.reduction = reduction }

  public var rawValue: String { reduction.kind }
}

extension ReductionKind: Hashable {
  public static func == (first: ReductionKind, second: ReductionKind) -> Bool { first.rawValue == second.rawValue }

  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
