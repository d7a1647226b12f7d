/// One of the links of a rank. Every pair has one for data, and everyone has one for control with rank 0.
package enum Link: Hashable, Sendable {
  case data(Int)
  case control(Int)

  package var peer: Int {
    switch self {
    case .data(let peer), .control(let peer): peer
    }
  }

  package var isControl: Bool {
    switch self {
    case .data: false
    case .control: true
    }
  }
}
