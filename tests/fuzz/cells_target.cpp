// A record of any bytes is split, or refused with a reason; the quick way and the thorough one
// agree; no dialect brings either out of its limits.
#include "fuzz_target.hpp"
#include "quick_cells.hpp"
#include "record_cells.hpp"

namespace {

using namespace patchbay;

csv_spec dialect_of(std::uint8_t choice) {
  csv_spec dialect;
  dialect.delimiter = ";,\t|"[choice % 4U];
  if ((choice & 4U) != 0) dialect.quote = '\'';
  if ((choice & 8U) != 0) dialect.escape = '\\';
  if ((choice & 16U) != 0 && dialect.escape == '\0') dialect.quote = '\0';
  return dialect;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string record = fuzz::text_of(bytes + 1, size - 1);
  const csv_spec dialect = dialect_of(bytes[0]);
  input_limits limits;
  limits.cell_bytes = 64;
  limits.columns = 16;
  const raw_cells header = record_cells(dialect, limits).split(record, 0);
  if (!header) {
    fuzz::promise(header.error().code.starts_with("CSV_"), "a refusal has a code");
    return 0;
  }
  fuzz::promise(header->size() <= 16, "columns within their limit");
  std::vector<std::size_t> all;
  for (std::size_t column = 0; column < header->size(); ++column) all.push_back(column);
  cell_bytes quick;
  const quick_cells quickly(dialect, limits, header->size());
  if (dialect.escape != '\0') return 0;
  fuzz::promise(quickly.cells_of(record, all, quick), "the quick way reads what the other reads");
  std::size_t total = 0;
  for (const std::string& cell : *header) total += cell.size() + sizeof(std::uint64_t);
  fuzz::promise(quick.text.size() == total, "both find the same cells");
  return 0;
}
