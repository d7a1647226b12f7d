import Tensors

/// How far a backward pass is through with a gradient, which it makes from the back of the arena to its front.
package struct GradientFront {
  private let ends: [Int]
  private var isFinal: [Bool]
  /// Slices before the front.
  private var open: Int

  /// - Parameter tables: slices that nobody waits for.
  package init(_ layout: ArenaLayout, leavingOut tables: Set<String>) {
    ends = layout.slices.map(\.range.upperBound)
    isFinal = layout.slices.map { tables.contains($0.name) }
    open = isFinal.count
    advance()
  }

  /// From this element of the arena on all is final.
  package var position: Int { open == 0 ? 0 : ends[open - 1] }

  /// The gradient of the parameter with this place in the layout is final; a second call changes nothing.
  package mutating func end(_ slice: Int) {
    isFinal[slice] = true
    advance()
  }

  private mutating func advance() {
    while open > 0, isFinal[open - 1] { open -= 1 }
  }
}
