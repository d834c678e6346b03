#include <algorithm>
#include <span>
#include <utility>

#include "intake_plan.hpp"
#include "patchbay/engine/intake.hpp"

namespace patchbay {
namespace intake {
namespace {

namespace asio = boost::asio;

/// Small enough that a commit never keeps settles and other processes waiting for long.
constexpr std::size_t group_rows = 500;

fault touched(const std::string& file) {
  return {"DROP_CHANGED", file +
                              " was changed while it was read: it goes back and is read again "
                              "once it is complete"};
}

template <class Each, class Call>
void in_groups(const std::vector<Each>& all, Call call) {
  for (std::size_t at = 0; at < all.size(); at += group_rows) {
    call(std::span(all).subspan(at, std::min(group_rows, all.size() - at)));
  }
}

/// What will be staged, by key, so that the store writes it in order.
std::vector<const change_head*> changes_to_stage(const plan& made) {
  std::vector<const change_head*> heads = made.ledger.changes();
  std::sort(heads.begin(), heads.end(),
            [](const change_head* a, const change_head* b) { return a->key < b->key; });
  return heads;
}

/// Customers whose line must leave the set before the flip.
std::vector<fingerprint> customers_to_forget(const plan& made) {
  std::vector<fingerprint> customers = made.drifted;
  made.ledger.for_each([&customers](fingerprint customer, const ledger_entry& entry) {
    if (entry.fate == row_fate::changed) customers.push_back(customer);
  });
  return customers;
}

/// Rows that were parsed and found unchanged: their bytes are known from now on.
std::vector<known_line> lines_to_learn(plan& made) {
  std::vector<known_line> lines;
  for (const auto& [index, line] : made.scan->rewritten()) {
    if (made.scan->seen().saw(index)) lines.push_back(line);
  }
  made.ledger.for_each([&lines](fingerprint customer, const ledger_entry& entry) {
    if (entry.fate == row_fate::unchanged && entry.enters_set) {
      lines.push_back({entry.line_print, entry.canonical_print, customer});
    }
  });
  return lines;
}

/// An admit in its steps, in the order that a crash may cut anywhere.
class admission {
 public:
  admission(intake_parts parts, const job_spec& job, plan& made, drop_number drop)
      : parts_(parts), job_(job), made_(made), drop_(drop) {}

  asio::awaitable<result<void>> go() {
    const bool same = co_await still_the_same_file();
    if (!same) co_return touched(made_.report.drop->file);
    // First, so that a crash in between leaves no line that says less than what is acknowledged.
    co_await forget_lines();
    co_await learn();
    co_await stage();
    const bool still = co_await still_the_same_file();
    if (!still) {
      auto unstage = [this] { parts_.store.unstage(drop_); };
      co_await parts_.store_lane.run(unstage);
      co_return touched(made_.report.drop->file);
    }
    auto flip = [this] { parts_.store.admit(drop_, made_.report.totals, parts_.time.wall()); };
    co_await parts_.store_lane.run(flip);
    co_await learn_lines();
    co_return result<void>();
  }

 private:
  asio::awaitable<bool> still_the_same_file() {
    // An empty drop that was approved has no rows, and nothing that could have changed.
    if (!made_.scan || !made_.scan->opened()) co_return true;
    auto look = [this] { return made_.scan->reader().unchanged_on_disk(); };
    co_return co_await parts_.rows.run(look);
  }

  asio::awaitable<void> learn() {
    auto save = [this] {
      in_groups(made_.learned, [this](std::span<const learned_customer> group) {
        parts_.store.learn(job_.name, group);
      });
      const std::vector<std::pair<std::string, std::string>> groups(made_.new_groups.begin(),
                                                                    made_.new_groups.end());
      if (!groups.empty()) parts_.store.save_groups(groups);
    };
    co_await parts_.store_lane.run(save);
  }

  /// A line that stays would hide a change: what cannot be removed ends the process, as every
  /// failure of the disk does.
  asio::awaitable<void> forget_lines() {
    const std::vector<fingerprint> customers = customers_to_forget(made_);
    if (customers.empty()) co_return;
    auto remove = [this, &customers] {
      const result<void> removed = parts_.lines.remove(customers);
      if (!removed) throw store_error(removed.error().message);
    };
    co_await parts_.store_lane.run(remove);
  }

  /// A group is one commit, and one visit of the store's lane: settles come between.
  asio::awaitable<void> stage() {
    const std::vector<const change_head*> heads = changes_to_stage(made_);
    for (std::size_t at = 0; at < heads.size(); at += group_rows) {
      std::vector<staged_row> rows;
      for (const change_head* head :
           std::span(heads).subspan(at, std::min(group_rows, heads.size() - at))) {
        rows.push_back(made_.ledger.load(*head).staged);
        rows.back().wanted.drop = drop_;
      }
      auto save = [this, &rows] { parts_.store.stage(job_.name, drop_, rows); };
      co_await parts_.store_lane.run(save);
    }
  }

  /// A cache: when it cannot be written, the next run is slower and nothing else.
  asio::awaitable<void> learn_lines() {
    const std::vector<known_line> lines = lines_to_learn(made_);
    if (lines.empty()) co_return;
    auto insert = [this, &lines] { return parts_.lines.insert(lines); };
    const result<void> inserted = co_await parts_.store_lane.run(insert);
    if (!inserted) {
      parts_.watcher.note(severity::warning, "lines_not_kept", inserted.error().message,
                          {{"job", job_.name}});
    }
  }

  intake_parts parts_;
  const job_spec& job_;
  plan& made_;
  drop_number drop_;
};

}  // namespace
}  // namespace intake

boost::asio::awaitable<result<void>> admit_plan(intake_parts parts, const job_spec& job, plan& made,
                                                drop_number drop) {
  intake::admission one(parts, job, made, drop);
  co_return co_await one.go();
}

}  // namespace patchbay
