import COneDNN

/// One operation compiled by oneDNN for one set of shapes.
final class Primitive {
  /// Bytes of scratch memory that a run needs.
  let scratchBytes: Int

  private let primitive: dnnl_primitive_t
  private var memories: [Int32: dnnl_memory_t] = [:]

  /// - Parameters:
  ///   - description: oneDNN's description of the operation.
  ///   - memories: the shape of each argument's memory.
  ///   - accumulates: whether results are added to what is there.
  ///   - hint: the forward primitive's description, which a backward primitive needs.
  init(
    engine: dnnl_engine_t, description: UnsafeRawPointer, memories shapes: [Int32: dnnl_memory_desc_t],
    accumulates: Bool, name: @autoclosure () -> String
  ) {
    var attributes: dnnl_primitive_attr_t?
    OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
    defer { dnnl_primitive_attr_destroy(attributes) }
    OneDNN.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "scratch memory")
    if accumulates {
      var operations: dnnl_post_ops_t?
      OneDNN.check(dnnl_post_ops_create(&operations), "a sum")
      defer { dnnl_post_ops_destroy(operations) }
      OneDNN.check(dnnl_post_ops_append_sum(operations, 1), "a sum")
      OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes, operations), "a sum")
    }
    var compiled: dnnl_primitive_desc_t?
    OneDNN.check(dnnl_primitive_desc_create(&compiled, description, attributes, engine, nil), name())
    defer { dnnl_primitive_desc_destroy(compiled) }
    var primitive: dnnl_primitive_t?
    OneDNN.check(dnnl_primitive_create(&primitive, compiled), name())
    guard let primitive else { preconditionFailure("oneDNN gave nothing for \(name())") }
    self.primitive = primitive

    let scratchShape = dnnl_primitive_desc_query_md(compiled, dnnl_query_scratchpad_md, 0)
    scratchBytes = scratchShape.map { dnnl_memory_desc_get_size($0) } ?? 0
    for (index, shape) in shapes { memories[index] = Self.memory(engine, shape) }
    if let scratchShape { memories[DNNL_ARG_SCRATCHPAD] = Self.memory(engine, scratchShape.pointee) }
  }

  deinit {
    for memory in memories.values { dnnl_memory_destroy(memory) }
    dnnl_primitive_destroy(primitive)
  }

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

  private static func memory(_ engine: dnnl_engine_t, _ shape: dnnl_memory_desc_t) -> dnnl_memory_t {
    var shape = shape
    var memory: dnnl_memory_t?
    OneDNN.check(dnnl_memory_create(&memory, &shape, engine, nil), "memory")
    guard let memory else { preconditionFailure("oneDNN gave no memory object") }
    return memory
  }
}
