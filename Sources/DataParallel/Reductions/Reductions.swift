/// All reductions, in the order in which messages name them.
extension ReductionKind: CaseIterable, RawRepresentable {
  public static let ring = ReductionKind(RingReduction.self)
  public static let ordered = ReductionKind(OrderedReduction.self)
  public static let hierarchical = ReductionKind(HierarchicalReduction.self)
  public static let mpi = ReductionKind(MPIReduction.self)

  public static let allCases = [ring, ordered, hierarchical, mpi]

  public init?(rawValue: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = kind
  }
}
