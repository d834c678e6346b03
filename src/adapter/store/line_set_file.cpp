#include "patchbay/adapter/store/line_set_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line_journal.hpp"
#include "line_table.hpp"
#include "whole_write.hpp"

namespace patchbay {
namespace {

using line_journal::header_bytes;
using line_journal::record_bytes;
using line_journal::set_record;

std::int64_t now_of(const line_set_options& options) {
  return options.generation ? options.generation() : 0;
}

/// The mark of an admit that comes after the removals.
set_record admit_mark(std::int64_t generation, const fingerprint& customer = {}) {
  return {{{}, {}, customer}, generation + 1, true};
}

}  // namespace

line_set_file::line_set_file(line_set_options options)
    : options_(std::move(options)), table_(std::make_unique<line_table>()) {
  if (!options_.path.empty()) load();
}

line_set_file::~line_set_file() {
  if (file_ >= 0) ::close(file_);
}

std::filesystem::path line_set_file::table_path(char letter) const {
  return options_.path.string() + ".table-" + letter;
}

void line_set_file::use(line_table table, char letter) {
  *table_ = std::move(table);
  letter_ = letter;
  gone_.assign(table_->size(), false);
  live_in_table_ = table_->size();
  lines_.clear();
  free_.clear();
  by_line_.clear();
  by_customer_.clear();
}

void line_set_file::refuse(std::string why) {
  discarded_ = std::move(why);
  use({}, '\0');
  records_ = 0;
}

void line_set_file::load() {
  std::ifstream in(options_.path, std::ios::binary);
  if (!in) return;
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto named = line_journal::read_header(bytes, options_.store_id);
  if (!named) return refuse("it belongs to another state or version");
  if (named->id != 0) {
    result<line_table> table = line_table::open(table_path(named->letter), options_.store_id);
    if (!table) return refuse(table.error().message);
    if (table->id() != named->id) return refuse("its table is another one's");
    use(std::move(*table), named->letter);
  }
  const std::int64_t store_generation = now_of(options_);
  const std::string_view younger = "it is younger than the store, which was restored from a backup";
  std::int64_t newest = table_->generation();
  if (newest > store_generation) return refuse(std::string(younger));
  for (std::size_t at = header_bytes; at + record_bytes <= bytes.size(); at += record_bytes) {
    const auto read = line_journal::read_record(std::string_view(bytes).substr(at));
    if (!read) return refuse("a record is damaged");
    // A removal is written before its admit, for the generation that the admit will make.
    if (read->generation > store_generation + (read->removed ? 1 : 0)) {
      return refuse(std::string(younger));
    }
    newest = std::max(newest, read->generation);
    ++records_;
    if (read->removed) {
      take(read->line.customer);
    } else {
      put(read->line);
    }
  }
  // A torn last record can only be an insert, or a removal whose admit never committed.
  if ((bytes.size() - header_bytes) % record_bytes != 0) return refuse("its last record is torn");
  // Every admit that changes a customer leaves its mark here first.
  if (newest < store_generation) refuse("it is older than the store");
}

std::size_t line_set_file::size() const {
  return table_->size() + lines_.size();
}

std::size_t line_set_file::find_since(fingerprint line) const {
  const auto found = by_line_.find(line);
  return found == by_line_.end() ? nowhere : table_->size() + found->second;
}

std::optional<std::size_t> line_set_file::find(fingerprint line) const {
  if (const auto found = table_->find(line); found && !gone_[*found]) return found;
  const std::size_t since = find_since(line);
  return since == nowhere ? std::nullopt : std::optional(since);
}

void line_set_file::find_each(std::span<const fingerprint> lines, std::span<std::size_t> places,
                              std::size_t& expected) const {
  // The next line is mostly the next entry, or the one after a changed one.
  const std::size_t size = table_->size();
  std::vector<fingerprint> others;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::size_t at = expected;
    if (at < size && table_->line_at(at) != lines[i]) ++at;
    if (at < size && table_->line_at(at) == lines[i]) {
      places[i] = at;
      expected = at + 1;
    } else {
      others.push_back(lines[i]);
      which.push_back(i);
    }
  }
  std::vector<std::size_t> found(others.size());
  table_->find_each(others, found);
  for (std::size_t n = 0; n < which.size(); ++n) places[which[n]] = found[n];
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (places[i] == nowhere || gone_[places[i]]) places[i] = find_since(lines[i]);
  }
  // Where the order is another one: from the last that was found.
  if (!which.empty() && which.back() + 1 == lines.size() && found.back() != nowhere) {
    expected = found.back() + 1;
  }
}

std::optional<std::size_t> line_set_file::find_customer(fingerprint customer,
                                                        std::size_t likely) const {
  if (likely < table_->size() && !gone_[likely] && table_->is_of(likely, customer)) return likely;
  if (const auto found = table_->find_customer(customer); found && !gone_[*found]) return found;
  const auto found = by_customer_.find(shortened(customer));
  if (found == by_customer_.end()) return std::nullopt;
  return table_->size() + found->second;
}

known_line line_set_file::at(std::size_t index) const {
  return index < table_->size() ? table_->at(index) : lines_[index - table_->size()];
}

bool line_set_file::has_values(std::size_t index, fingerprint canonical) const {
  return at(index).canonical == shortened(canonical);
}

void line_set_file::put(const known_line& line) {
  take(line.customer);
  const known_line kept{line.line, shortened(line.canonical), shortened(line.customer)};
  std::size_t where = lines_.size();
  if (free_.empty()) {
    lines_.push_back(kept);
  } else {
    where = free_.back();
    free_.pop_back();
    lines_[where] = kept;
  }
  by_line_[kept.line] = where;
  by_customer_[kept.customer] = where;
}

void line_set_file::take(const fingerprint& customer) {
  if (const auto in_table = table_->find_customer(customer); in_table && !gone_[*in_table]) {
    gone_[*in_table] = true;
    --live_in_table_;
  }
  const auto found = by_customer_.find(shortened(customer));
  if (found == by_customer_.end()) return;
  const std::size_t where = found->second;
  by_customer_.erase(found);
  const auto line = by_line_.find(lines_[where].line);
  if (line != by_line_.end() && line->second == where) by_line_.erase(line);
  free_.push_back(where);
}

result<void> line_set_file::remove(std::span<const fingerprint> customers) {
  if (customers.empty()) return {};
  const std::int64_t generation = now_of(options_);
  bar(customers, generation);
  std::string records;
  for (const fingerprint& customer : customers) {
    if (!find_customer(customer)) continue;
    records += line_journal::record_of(admit_mark(generation, customer));
    take(customer);
  }
  // Even where nobody leaves: the mark of the admit that follows.
  if (records.empty()) records = line_journal::record_of(admit_mark(generation, customers.front()));
  return append(records, true);
}

void line_set_file::bar(std::span<const fingerprint> customers, std::int64_t generation) {
  if (generation != barred_at_) barred_.clear();
  barred_at_ = generation;
  barred_.insert(customers.begin(), customers.end());
}

result<void> line_set_file::insert(std::span<const known_line> lines) {
  // A first run brings millions: the table takes them up slice by slice.
  constexpr std::size_t slice = 262'144;
  const std::int64_t generation = now_of(options_);
  const bool many = lines.size() > slice;
  const bool on_disk = !options_.path.empty() && !options_.read_only;
  while (!lines.empty()) {
    const std::span<const known_line> now = lines.first(std::min(slice, lines.size()));
    lines = lines.subspan(now.size());
    std::string records;
    for (const known_line& line : now) {
      // Settled between the removal and its admit: the admit will make this line an old one.
      if (generation == barred_at_ && barred_.contains(line.customer)) continue;
      put(line);
      records += line_journal::record_of({line, generation, false});
    }
    if (records.empty()) continue;
    if (const result<void> added = append(records, false); !added) return added;
    constexpr std::size_t growing = 2;
    if (!lines.empty() && on_disk && crowded(growing)) {
      if (const result<void> fresh = rewrite(); !fresh) return fresh;
    }
  }
  return many && on_disk ? rewrite() : result<void>();
}

fault line_set_file::disk_fault(const char* doing) const {
  return {"STATE_NOT_WRITTEN", std::string("cannot ") + doing + " " + options_.path.string() +
                                   ": " + std::strerror(errno)};
}

/// True when what stands beside the table is more than one in `share` of it: held in memory, and
/// read again at each start.
bool line_set_file::crowded(std::size_t share) const {
  return by_customer_.size() > std::max(options_.table_from, table_->size() / share);
}

result<void> line_set_file::append(const std::string& records, bool durable) {
  if (options_.path.empty() || options_.read_only) return {};
  constexpr std::size_t small = 4096;
  constexpr std::size_t usual = 64;
  const bool long_journal = records_ > 2 * by_customer_.size() + small + table_->size() / usual;
  // What is to be appended is in memory already, and so in what is written anew.
  if (file_ < 0 || long_journal || crowded(usual)) return rewrite();
  if (!write_all(file_, records)) return disk_fault("append to");
  records_ += records.size() / record_bytes;
  if (durable && ::fsync(file_) != 0) return disk_fault("sync");
  return {};
}

}  // namespace patchbay
