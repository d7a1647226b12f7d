import Glibc
import Support

/// Files, folders and names that are not tables, and what to do with each of them.
enum ForeignFormat {
  private static let kinds = "give a .tsv, .csv, .json, .jsonl or .conll file"
  private static let gzip = ".gz"

  /// The content of a table's file.
  /// - Throws: `TableError` where the name or the first bytes show that it is something else, or `FileError`.
  static func content(of file: String, readsLines: Bool = false) throws -> [UInt8] {
    if file.contains("://") {
      throw TableError(file: file, problem: "is an address", remedy: "download the file and give its path")
    }
    if isFolder(file) {
      throw TableError(
        file: file, problem: "is a folder",
        remedy: "\(kinds) that lies in it; a folder of images is read as an IDX pair, {images: FILE, labels: FILE}")
    }
    if TableFormat(file: file, readsLines: readsLines) == nil, let problem = byName(file) { throw problem }
    let bytes = try unpacked(FileReader.bytes(of: file), file)
    if let problem = byContent(bytes, file) { throw problem }
    return bytes
  }

  /// The content of a file whose name ends in .gz, and of one that is gzipped.
  private static func unpacked(_ bytes: [UInt8], _ file: String) throws(TableError) -> [UInt8] {
    let isNamed = file.lowercased().hasSuffix(gzip)
    guard GzipReader.isGzip(bytes) != isNamed else {
      return isNamed ? try GzipContent.unpacked(bytes, file: file) : bytes
    }
    throw isNamed
      ? TableError(
        file: file, problem: "its name ends in .gz, and its content is not gzip",
        remedy: "leave .gz out of its name, or write the file again")
      : TableError(file: file, problem: "is gzipped, and its name does not say so", remedy: "let its name end in .gz")
  }

  private static func isFolder(_ file: String) -> Bool {
    var status = stat()
    return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func byName(_ file: String) -> TableError? {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let plain = name.lowercased().hasSuffix(gzip) ? name.dropLast(gzip.count) : name[...]
    let ending = plain.contains(".") ? plain.lowercased().split(separator: ".").last.map(String.init) ?? "" : ""
    if plain.count < name.count, ending.isEmpty {
      return TableError(
        file: file, problem: "its name does not say what kind of table it is", remedy: "name it such as train.tsv.gz")
    }
    if let known = byEnding(ending, file) { return known }
    let parts = file.split(separator: "/")
    let isHubName = ending.isEmpty || parts.count == 2 && !isFolder(String(parts[0]))
    if isHubName, !FileReader.exists(file), parts.count <= 2, !file.hasPrefix("/"), !file.hasPrefix(".") {
      return TableError(
        file: file, problem: "is not a file; names of the Hugging Face Hub are not downloaded",
        remedy: "save its rows, such as dataset[\"train\"].to_json(\"train.jsonl\"), and give that file")
    }
    return TableError(
      file: file, problem: "its name does not say what kind of table it is", remedy: "\(kinds)")
  }

  private static func byEnding(_ ending: String, _ file: String) -> TableError? {
    switch ending {
    case "parquet": parquet(file)
    case "arrow", "feather":
      TableError(
        file: file, problem: "Arrow files are not read yet",
        remedy: "write the rows as JSON lines, such as dataset.to_json(\"rows.jsonl\")")
    case "xlsx", "xls", "xlsm", "ods", "numbers": workbook(file)
    case "bz2", "xz", "zst", "zip", "tar", "tgz", "7z", "rar": packed(file)
    case "pkl", "pickle", "npy", "npz", "pt", "h5", "hdf5", "sqlite", "db":
      TableError(
        file: file, problem: "\(ending) files are not tables", remedy: "write the rows as CSV or JSON lines")
    case "png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff":
      TableError(
        file: file, problem: "is an image, not a table",
        remedy: "write the images as an IDX pair, {images: FILE, labels: FILE}")
    case "txt":
      TableError(
        file: file, problem: "its name does not say how its columns are separated",
        remedy: "name the file .tsv or .csv, with a header")
    default: nil
    }
  }

  private static func byContent(_ bytes: [UInt8], _ file: String) -> TableError? {
    if bytes.starts(with: Array("PAR1".utf8)) { return parquet(file) }
    if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { return workbook(file) }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      return TableError(
        file: file, problem: "is a zip archive or an Excel workbook, whatever its name says",
        remedy: "unpack it, or save its sheet as CSV (UTF-8)")
    }
    let packings: [[UInt8]] = [[0x28, 0xB5, 0x2F, 0xFD], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x42, 0x5A, 0x68]]
    // Text may begin with BZh, though not with the digit and the marks that bzip2 has behind it.
    let isBzip = bytes.count > 9 && bytes[4] == 0x31 && bytes[5] == 0x41
    if packings.dropLast().contains(where: bytes.starts) || bytes.starts(with: packings[2]) && isBzip {
      return packed(file)
    }
    return nil
  }

  private static func parquet(_ file: String) -> TableError {
    TableError(
      file: file, problem: "Parquet files are not read yet",
      remedy:
        "write the rows as JSON lines, such as pandas.read_parquet(FILE).to_json(\"rows.jsonl\", orient=\"records\", lines=True)"
    )
  }

  private static func workbook(_ file: String) -> TableError {
    TableError(
      file: file, problem: "workbooks are not read", remedy: "save the sheet as CSV (UTF-8) and give that file")
  }

  private static func packed(_ file: String) -> TableError {
    TableError(
      file: file, problem: "packed tables are read as .gz alone", remedy: "unpack the file, and give what it holds")
  }
}
