import COneDNN

/// One operation compiled by oneDNN for one set of shapes.
final class Primitive {
  /// Bytes of scratch memory that a run needs.
  var scratchBytes: Int { bytes(of: DNNL_ARG_SCRATCHPAD) }

  /// oneDNN's description of what was compiled: a hint for the backward operations of a forward one.
  let description: dnnl_primitive_desc_t

  private let primitive: dnnl_primitive_t
  private var memories: [Int32: dnnl_memory_t] = [:]

  /// Compiles an operation.
  ///
  /// - Parameters:
  ///   - operation: oneDNN's description of it.
  ///   - arguments: the indices of its arguments.
  ///   - hint: the forward operation, for a backward one.
  ///   - accumulates: whether results are added to what is there.
  convenience init(
    engine: dnnl_engine_t, operation: UnsafeRawPointer, arguments: [Int32], hint: Primitive? = nil,
    accumulates: Bool = false, name: String
  ) {
    let attributes = Self.attributes(accumulates: accumulates)
    defer { dnnl_primitive_attr_destroy(attributes) }
    var compiled: dnnl_primitive_desc_t?
    OneDNN.check(dnnl_primitive_desc_create(&compiled, operation, attributes, engine, hint?.description), name)
    self.init(engine: engine, compiled: compiled, arguments: arguments, name: name)
  }

  /// Compiles the change of one memory layout to another.
  convenience init(
    engine: dnnl_engine_t, from: UnsafePointer<dnnl_memory_desc_t>, to: UnsafePointer<dnnl_memory_desc_t>, name: String
  ) {
    let attributes = Self.attributes(accumulates: false)
    defer { dnnl_primitive_attr_destroy(attributes) }
    var compiled: dnnl_primitive_desc_t?
    OneDNN.check(dnnl_reorder_primitive_desc_create(&compiled, from, engine, to, engine, attributes), name)
    self.init(engine: engine, compiled: compiled, arguments: [DNNL_ARG_SRC, DNNL_ARG_DST], name: name)
  }

  private init(engine: dnnl_engine_t, compiled: dnnl_primitive_desc_t?, arguments: [Int32], name: String) {
    var primitive: dnnl_primitive_t?
    OneDNN.check(dnnl_primitive_create(&primitive, compiled), name)
    guard let primitive, let compiled else { fatalError("oneDNN gave nothing for \(name)") }
    self.primitive = primitive
    description = compiled
    for argument in arguments + [DNNL_ARG_SCRATCHPAD] {
      var memory: dnnl_memory_t?
      OneDNN.check(dnnl_memory_create(&memory, layout(of: argument), engine, nil), "memory of \(name)")
      memories[argument] = memory
    }
  }

  deinit {
    for memory in memories.values { dnnl_memory_destroy(memory) }
    dnnl_primitive_destroy(primitive)
    dnnl_primitive_desc_destroy(description)
  }

  /// How an argument lies in memory; the pointer lives as long as the primitive.
  func layout(of argument: Int32) -> UnsafePointer<dnnl_memory_desc_t> {
    guard let layout = dnnl_primitive_desc_query_md(description, dnnl_query_exec_arg_md, argument) else {
      fatalError("a primitive of oneDNN has no argument \(argument)")
    }
    return layout
  }

  /// Bytes of an argument's memory.
  func bytes(of argument: Int32) -> Int { dnnl_memory_desc_get_size(layout(of: argument)) }

  func execute(stream: dnnl_stream_t, _ arguments: [(index: Int32, pointer: UnsafeMutableRawPointer)]) {
    let bound = arguments.compactMap { argument in
      memories[argument.index].map { memory in
        OneDNN.check(dnnl_memory_set_data_handle(memory, argument.pointer), "memory")
        return dnnl_exec_arg_t(arg: argument.index, memory: memory)
      }
    }
    OneDNN.check(dnnl_primitive_execute(primitive, stream, CInt(bound.count), bound), "to run")
    OneDNN.check(dnnl_stream_wait(stream), "to finish")
  }

  /// Scratch memory comes from us, so that one primitive may run in any thread.
  private static func attributes(accumulates: Bool) -> dnnl_primitive_attr_t? {
    var attributes: dnnl_primitive_attr_t?
    OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
    OneDNN.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratch memory")
    guard accumulates else { return attributes }
    var operations: dnnl_post_ops_t?
    OneDNN.check(dnnl_post_ops_create(&operations), "a sum")
    defer { dnnl_post_ops_destroy(operations) }
    OneDNN.check(dnnl_post_ops_append_sum(operations, 1), "a sum")
    OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes, operations), "a sum")
    return attributes
  }
}
