#include "intake_scan.hpp"

#include <bit>
#include <cstdio>

#include "patchbay/protocol/json_text.hpp"

namespace patchbay::intake {
namespace {

constexpr std::size_t enough_new_rows = 4'096;
constexpr std::int64_t enough_records = 262'144;

fingerprint joined(fingerprint one, fingerprint other) {
  return {one.high ^ other.high, one.low ^ other.low};
}

}  // namespace

result<void> drop_scan::open(const std::filesystem::path& path, const job_spec& job) {
  result<std::unique_ptr<drop_reader>> opened = parts_.opener.open(path);
  if (!opened) return opened.error();
  reader_ = std::move(*opened);
  result<bound_mapping> bound =
      bound_mapping::bind(job.mapping, reader_->header(), &canonical_json);
  if (!bound) return bound.error();
  mapping_ = std::move(*bound);
  columns_ = mapping_->columns();
  sampler_ = drop_sampler(reader_->header(), job.mapping, reader_->size_bytes());
  seen_.expect(parts_.lines.size());
  of_header_ = prints_.of_record(reader_->raw_header());
  of_mapping_ = prints_.of_record(job.mapping_digest);
  fold(of_header_);
  return {};
}

scanned drop_scan::read_some() {
  scanned found;
  read_into(found);
  found.rows_so_far = rows_;
  found.bytes_so_far = reader_->read_bytes();
  return found;
}

void drop_scan::read_into(scanned& found) {
  const std::int64_t begun_at = rows_;
  while (found.rows.size() < enough_new_rows && rows_ - begun_at < enough_records) {
    if (const result<void> more = reader_->next(batch_); !more) {
      found.failed = more.error();
      return;
    }
    if (batch_.records.empty()) {
      found.at_end = true;
      return;
    }
    look_up();
    for (std::size_t place = 0; place < batch_.records.size(); ++place) judge(place, found);
  }
}

void drop_scan::look_up() {
  const fingerprint meaning = joined(of_header_, of_mapping_);
  lines_.clear();
  for (const raw_record& record : batch_.records) {
    const fingerprint bytes = prints_.of_record(record.bytes);
    fold(bytes);
    lines_.push_back(joined(bytes, meaning));
  }
  places_.resize(lines_.size());
  parts_.lines.find_each(lines_, places_, expected_);
}

void drop_scan::judge(std::size_t place, scanned& found) {
  const raw_record& record = batch_.records[place];
  if (sampler_.wants(rows_)) sampler_.look_at(*reader_, record.bytes);
  ++rows_;
  if (places_[place] != line_set::nowhere) {
    note_unchanged(places_[place], record.line);
  } else {
    read_row(record, lines_[place], found);
  }
}

void drop_scan::note_unchanged(std::size_t index, std::int64_t line) {
  if (seen_.see(index, line)) {
    ++unchanged_;
  } else {
    ++superseded_;
  }
}

/// A record whose bytes are new. Most of them, where the ERP writes another way than last night,
/// hold the cells that are known.
void drop_scan::read_row(const raw_record& record, fingerprint print, scanned& found) {
  const bool well_formed = reader_->cells_of(record.bytes, columns_, cells_);
  if (well_formed && only_rewritten(record.line, print)) return;
  if (!well_formed) cells_.text = record.bytes;
  parse(record, print, found);
}

/// True when the customer's known cells are these; decided without parsing where the key is plain.
bool drop_scan::only_rewritten(std::int64_t line, fingerprint print) {
  const std::optional<std::string_view> key = mapping_->plain_key(cells_.first);
  if (!key) return false;
  const fingerprint customer = prints_.of_key(*key);
  const auto index = parts_.lines.find_customer(customer, next_customer_);
  if (!index) return false;
  next_customer_ = *index + 1;
  const fingerprint canonical = joined(prints_.of_cells(cells_.text), of_mapping_);
  if (!parts_.lines.has_values(*index, canonical)) return false;
  note_unchanged(*index, line);
  if (parts_.learns) rewritten_.emplace_back(*index, known_line{print, canonical, customer});
  return true;
}

void drop_scan::parse(const raw_record& record, fingerprint print, scanned& found) {
  const auto cells = reader_->split(record.bytes);
  if (!cells) {
    found.unread.push_back(refusal_of(record, cells.error()));
    if (is_cut_off(record, cells.error())) tell_cut_off(found.unread.back());
    return;
  }
  mapped_row mapped = mapping_->map(*cells);
  parsed_row row;
  row.line = record.line;
  row.key = std::move(mapped.key);
  for (cell_fault& why : mapped.faults) {
    row.faults.push_back({.key = row.key,
                          .file = parts_.file,
                          .line = record.line,
                          .column = std::move(why.column),
                          .field = std::move(why.field),
                          .code = std::move(why.code),
                          .message = std::move(why.message),
                          .request_id = {}});
  }
  if (row.key.empty()) {
    found.unread.push_back(std::move(row.faults.front()));
    return;
  }
  row.fields = std::move(mapped.fields);
  row.customer = prints_.of_key(row.key);
  row.line_print = print;
  row.canonical_print = joined(prints_.of_cells(cells_.text), of_mapping_);
  if (const auto index = parts_.lines.find_customer(row.customer)) {
    if (row.faults.empty() && parts_.lines.has_values(*index, row.canonical_print)) {
      note_unchanged(*index, row.line);
      if (parts_.learns) {
        rewritten_.emplace_back(*index, known_line{print, row.canonical_print, row.customer});
      }
      return;
    }
    seen_.contest(*index);
  }
  veil(row);
  found.rows.push_back(std::move(row));
}

/// From here on a sensitive value is compared, stored and shown by its keyed hash only.
void drop_scan::veil(parsed_row& row) const {
  for (const field_spec& spec : mapping_->spec().fields) {
    if (!spec.sensitive) continue;
    const auto found = row.fields.find(spec.name);
    if (found == row.fields.end()) continue;
    value veiled = parts_.sealing.veil(found->second);
    row.plain.emplace(spec.name, std::move(found->second));
    found->second = std::move(veiled);
  }
}

/// Depends on the order: the same records in another order are another drop.
void drop_scan::fold(fingerprint print) {
  digest_.high = (std::rotl(digest_.high, 27) ^ print.high) * 0x9E3779B97F4A7C15ULL;
  digest_.low = (std::rotl(digest_.low, 31) ^ print.low) * 0xC2B2AE3D27D4EB4FULL + digest_.high;
}

std::string drop_scan::digest() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(digest_.high),
                static_cast<unsigned long long>(digest_.low));
  return text;
}

/// The file ends in the middle of this row: told apart from a row that only has too few cells.
bool drop_scan::is_cut_off(const raw_record& record, const row_fault& why) const {
  return batch_.unended && record.bytes.data() == batch_.records.back().bytes.data() && why.too_few;
}

void drop_scan::tell_cut_off(reject_entry& row) {
  row.code = "CSV_TRUNCATED";
  row.message = "the file ends in the middle of this row, without a line end: " + row.message +
                "; was the export cut off on its way?";
}

reject_entry drop_scan::refusal_of(const raw_record& record, const row_fault& why) const {
  reject_entry made;
  made.file = parts_.file;
  made.line = record.line;
  made.code = why.code;
  made.message = why.message;
  if (why.cell && *why.cell < reader_->header().size()) made.column = reader_->header()[*why.cell];
  return made;
}

}  // namespace patchbay::intake
