extension Pass {
  /// For each token the sum of its rows of `word` [vocabulary, h] and, where they are not nil, of `position`
  /// [positions, h] and `type` [types, h]; the result is [n, h].
  ///
  /// Gradients are added in the order of the tokens. An id out of range traps; the ids of a table that is nil are not read.
  ///
  /// - Parameters:
  ///   - padding: the id whose row of `word` has no gradient, as PyTorch's `padding_idx`; nil for none.
  ///   - paddingPosition: the same of `position`.
  public func embeddings(
    word: Parameter, position: Parameter?, type: Parameter?, ids: [Int32], positions: [Int32], typeIDs: [Int32],
    padding: Int32? = nil, paddingPosition: Int32? = nil
  ) -> Tensor {
    let width = word.shape[1]
    var lookups = [EmbeddingLookup(word, ids, padding: padding)]
    if let position { lookups.append(EmbeddingLookup(position, positions, padding: paddingPosition)) }
    if let type { lookups.append(EmbeddingLookup(type, typeIDs)) }
    for lookup in lookups { lookup.check(count: ids.count, width: width) }
    let result = result([ids.count, width], from: [], parameters: lookups.map(\.table))
    let panels = Panels.ofRows(ids.count)
    engine.workers.run(pieces: panels.count) { piece in
      for token in panels[piece] {
        let row = result.pointer + token * width
        guard lookups.count > 1 else {
          row.update(from: lookups[0].row(of: token, width), count: width)
          continue
        }
        Kernels.add(row, lookups[0].row(of: token, width), lookups[1].row(of: token, width), width)
        for lookup in lookups.dropFirst(2) { Kernels.add(row, row, lookup.row(of: token, width), width) }
      }
    }
    record(result) { [engine] gradient in
      for lookup in lookups where !lookup.table.isFrozen {
        lookup.scatter(gradient, width: width, engine: engine)
      }
    }
    return result
  }
}

/// One table and the rows that the tokens take of it.
private struct EmbeddingLookup {
  let table: Parameter
  let ids: [Int32]
  /// The id whose row has no gradient.
  let padding: Int32?

  init(_ table: Parameter, _ ids: [Int32], padding: Int32? = nil) {
    self.table = table
    self.ids = ids
    self.padding = padding
  }

  func check(count: Int, width: Int) {
    require(ids.count == count, "\(table.name): \(ids.count) ids for \(count) tokens")
    require(
      table.shape.rank == 2 && table.shape[1] == width, "\(table.name): shape \(table.shape) where rows have \(width)")
    for id in ids {
      require((0..<table.shape[0]).contains(Int(id)), "\(table.name): id \(id) of \(table.shape[0]) rows")
    }
  }

  func row(of token: Int, _ width: Int) -> UnsafeMutablePointer<Float> { table.pointer + Int(ids[token]) * width }

  /// Adds each token's gradient to its row, except that of padding. Threads take ranges of columns, so every row is summed in the tokens' order.
  func scatter(_ gradient: UnsafeMutablePointer<Float>, width: Int, engine: Engine) {
    let slot = table.gradientSlot()
    if !slot.accumulates {
      engine.forEachElements(table.count) { range in
        (slot.pointer + range.lowerBound).update(repeating: 0, count: range.count)
      }
    }
    let panels = Panels(width, atMost: 256, multipleOf: 16)
    engine.workers.run(pieces: panels.count) { piece in
      let columns = panels[piece]
      for (token, id) in ids.enumerated() where id != padding {
        let target = slot.pointer + Int(id) * width + columns.lowerBound
        Kernels.add(target, target, gradient + token * width + columns.lowerBound, columns.count)
      }
    }
  }
}
