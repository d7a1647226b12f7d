/// Why labels cannot become classes.
struct LabelProblem: Error {
  /// The line (of images the row) of the label at fault; nil where the whole is.
  var line: Int?
  var problem: String
  var remedy: String
}
