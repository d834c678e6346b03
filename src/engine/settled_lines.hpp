// Which known lines a drop has shown, and which of them after another row of the same customer:
// enough to say at the end which of the two stands, in two bits a customer. Private to engine/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace patchbay::intake {

class settled_lines {
 public:
  void expect(std::size_t entries) {
    seen_.assign(entries, false);
    contested_.assign(entries, false);
  }
  [[nodiscard]] bool saw(std::size_t entry) const { return seen_[entry]; }
  [[nodiscard]] std::int64_t count() const { return count_; }

  /// The line stands on physical `line`. False: it was seen before.
  bool see(std::size_t entry, std::int64_t line) {
    if (contested_[entry]) after_[entry] = line;
    if (seen_[entry]) return false;
    seen_[entry] = true;
    ++count_;
    return true;
  }
  /// The customer has another row too: from now on it matters where the line is seen.
  void contest(std::size_t entry) { contested_[entry] = true; }
  /// Where it was seen last since it was contested; 0: before, or never.
  [[nodiscard]] std::int64_t seen_after(std::size_t entry) const {
    const auto found = after_.find(entry);
    return found == after_.end() ? 0 : found->second;
  }
  void forget(std::size_t entry) {
    seen_[entry] = false;
    --count_;
  }

 private:
  std::vector<bool> seen_;
  std::vector<bool> contested_;
  std::unordered_map<std::size_t, std::int64_t> after_;
  std::int64_t count_ = 0;
};

}  // namespace patchbay::intake
