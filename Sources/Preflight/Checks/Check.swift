/// Judges one subject by what is known.
package protocol Check: Sendable {
  func findings(in evidence: Evidence) -> [Finding]
}
