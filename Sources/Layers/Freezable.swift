/// A module that behaves differently while it is frozen.
public protocol Freezable: AnyObject {
  var isFrozen: Bool { get set }
}
