/// What this process's launcher says about it.
package struct Identity: Equatable {
  package var rank: Int
  package var size: Int
  package var source: IdentitySource

  package init(rank: Int, size: Int, source: IdentitySource) {
    self.rank = rank
    self.size = size
    self.source = source
  }
}
