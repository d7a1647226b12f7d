extension Table {
  /// The cells of the label columns, row by row; of labels that are the texts of options the letters of those options.
  ///
  /// Labels are texts where some label is neither a whole number nor one letter. A label that is the text of no option, or of
  /// several, stays as it is.
  var labelCells: [String] {
    let cells = rows.flatMap(\.labels)
    guard !columns.options.isEmpty, columns.labels.count == 1, cells.count == rows.count,
      cells.contains(where: Self.isText)
    else { return cells }
    return zip(rows, cells).map { row, label in
      let places = row.options.indices.filter { row.options[$0] == label }
      guard places.count == 1, places[0] < 26 else { return label }
      return String(UnicodeScalar(UInt8(65 + places[0])))
    }
  }

  private static func isText(_ label: String) -> Bool {
    label.utf8.count > 1 && WholeNumber.value(of: label) == nil
  }
}
