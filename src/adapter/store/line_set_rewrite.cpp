// Writing a line set anew: a table of many, or a journal alone of few. Durable at each step: until
// the new journal stands under its name, the old one and its table count.
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line_journal.hpp"
#include "line_table.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "whole_write.hpp"

namespace patchbay {

/// In the order of the table, a line that was replaced in the place of the one before it; then the
/// customers who came since.
void line_set_file::for_each_live(const std::function<void(const known_line&)>& visit) const {
  std::vector<bool> visited(lines_.size(), false);
  for (std::size_t at = 0; at < table_->size(); ++at) {
    if (!gone_[at]) {
      visit(table_->at(at));
      continue;
    }
    const auto since = by_customer_.find(table_->at(at).customer);
    if (since == by_customer_.end() || visited[since->second]) continue;
    visited[since->second] = true;
    visit(lines_[since->second]);
  }
  for (std::size_t at = 0; at < lines_.size(); ++at) {
    const auto owner = by_customer_.find(lines_[at].customer);
    const bool lives = owner != by_customer_.end() && owner->second == at;
    if (lives && !visited[at]) visit(lines_[at]);
  }
}

result<void> line_set_file::write_table(std::int64_t generation, char letter) {
  line_table_writer writer(table_path(letter), options_.store_id,
                           live_in_table_ + by_customer_.size());
  for_each_live([&writer](const known_line& line) { writer.add(line); });
  if (const result<void> written = writer.finish(generation); !written) return written;
  result<line_table> fresh = line_table::open(table_path(letter), options_.store_id);
  if (!fresh) return fault{"STATE_NOT_WRITTEN", fresh.error().message};
  use(std::move(*fresh), letter);
  return {};
}

result<void> line_set_file::rewrite() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  std::error_code ignored;
  std::filesystem::create_directories(options_.path.parent_path(), ignored);
  const std::int64_t generation = options_.generation ? options_.generation() : 0;
  const char old_letter = letter_;
  if (live_in_table_ + by_customer_.size() >= options_.table_from) {
    const result<void> table = write_table(generation, old_letter == 'a' ? 'b' : 'a');
    if (!table) return table;
  } else if (table_->size() > 0) {
    std::vector<known_line> few;
    for_each_live([&few](const known_line& line) { few.push_back(line); });
    use({}, '\0');
    for (const known_line& line : few) put(line);
  }
  if (const result<void> journal = write_journal(generation); !journal) return journal;
  if (old_letter != '\0' && old_letter != letter_) ::unlink(table_path(old_letter).c_str());
  return {};
}

result<void> line_set_file::write_journal(std::int64_t generation) {
  std::string bytes = line_journal::header_of(options_.store_id, {table_->id(), letter_});
  for (const auto& [customer, where] : by_customer_) {
    bytes += line_journal::record_of({lines_[where], generation, false});
  }
  // An admit is on its way whose removals are in: the file must not count as older than it.
  if (barred_at_ == generation) bytes += line_journal::record_of({{}, generation + 1, true});
  const std::string aside = options_.path.string() + ".new";
  const int made = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          S_IRUSR | S_IWUSR);
  if (made < 0) return disk_fault("create");
  bool fine = write_all(made, bytes) && ::fsync(made) == 0 &&
              ::rename(aside.c_str(), options_.path.c_str()) == 0;
  const int folder = fine ? ::open(options_.path.parent_path().c_str(), O_RDONLY | O_CLOEXEC) : -1;
  fine = folder >= 0 && ::fsync(folder) == 0;
  if (!fine) {
    const fault why = disk_fault("write");
    if (folder >= 0) ::close(folder);
    ::close(made);
    return why;
  }
  ::close(folder);
  file_ = made;
  records_ = (bytes.size() - line_journal::header_bytes) / line_journal::record_bytes;
  return {};
}

}  // namespace patchbay
