#include "store_queue.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

namespace asio = boost::asio;

namespace {
constexpr std::size_t largest_group = 256;
/// Turns of the loop before a group is closed: who is ready now joins it, and the disk is asked
/// half as often.
constexpr int turns_before = 6;

/// The job of an operation that may settle a customer.
struct job_of_settled {
  const std::string* operator()(const settle& ended) const { return &ended.job; }
  const std::string* operator()(const prove& read) const { return &read.job; }
  const std::string* operator()(const close_row& row) const { return &row.job; }
  template <class Other>
  const std::string* operator()(const Other&) const {
    return nullptr;
  }
};
}  // namespace

asio::awaitable<op_result> store_queue::submit(delivery_op op) {
  auto mine = std::make_shared<waiter>();
  mine->op = std::move(op);
  mine->bell = parts_.time.make_alarm();
  queue_.push_back(mine);
  while (!mine->done) {
    if (committing_) {
      co_await mine->bell->wait(instant::max());
    } else {
      co_await commit_group();
    }
  }
  if (mine->failed) std::rethrow_exception(mine->failed);
  co_return std::move(mine->made);
}

asio::awaitable<void> store_queue::commit_group() {
  committing_ = true;
  for (int i = 0; i < turns_before; ++i) co_await asio::post(asio::use_awaitable);
  std::vector<std::shared_ptr<waiter>> group;
  std::vector<delivery_op> ops;
  while (!queue_.empty() && group.size() < largest_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    ops.push_back(std::move(group.back()->op));
  }
  const instant now = parts_.time.now();
  std::vector<op_result> made;
  std::map<std::string, fault> not_kept;
  std::exception_ptr failed = broken_;
  auto work = [this, &ops, &not_kept, now] {
    std::vector<op_result> results = parts_.store.commit(ops, now);
    not_kept = keep_lines(ops, results);
    return results;
  };
  if (!failed) {
    try {
      made = co_await parts_.where.run(work);
    } catch (...) {
      failed = std::current_exception();
      broken_ = failed;
    }
  }
  committing_ = false;
  for (const auto& [job, why] : not_kept) {
    parts_.watcher.note(severity::warning, "line_not_kept", why.message, {{"job", job}});
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!failed) group[i]->made = std::move(made[i]);
    group[i]->failed = failed;
    group[i]->done = true;
    group[i]->bell->ring();
  }
  // One of those who came meanwhile commits the next group.
  if (!queue_.empty()) queue_.front()->bell->ring();
}

std::map<std::string, fault> store_queue::keep_lines(std::span<const delivery_op> ops,
                                                     std::span<const op_result> made) {
  std::map<std::string, std::vector<known_line>> lines;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto* const row = std::get_if<settled_row>(&made[i]);
    if (row == nullptr || !row->enters_set) continue;
    const std::string* const job = std::visit(job_of_settled(), ops[i]);
    if (job == nullptr) continue;
    lines[*job].push_back({row->line_print, row->canonical_print, parts_.prints.of_key(row->key)});
  }
  std::map<std::string, fault> not_kept;
  for (const auto& [job, known] : lines) {
    const auto set = parts_.lines.find(job);
    if (set == parts_.lines.end()) continue;
    if (const result<void> entered = set->second->insert(known); !entered) {
      not_kept.emplace(job, entered.error());
    }
  }
  return not_kept;
}

}  // namespace patchbay
