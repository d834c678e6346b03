#include "shrink.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "erp.hpp"

namespace patchbay::sim {
namespace {

class shrinking {
 public:
  shrinking(scenario told, const std::function<bool(const scenario&)>& fails, int plays)
      : told_(std::move(told)), fails_(fails), left_(plays) {}

  /// True: without it the scenario fails all the same, and it is gone.
  bool drop(const std::function<void(scenario&)>& what) {
    if (left_ <= 0) return false;
    --left_;
    scenario smaller = told_;
    what(smaller);
    if (!fails_(smaller)) return false;
    told_ = std::move(smaller);
    return true;
  }

  /// Takes out of a list what can go: runs of half its length, then of a quarter, to single ones.
  template <class List>
  void thin_out(List&& list_of) {
    for (std::size_t run = list_of(told_).size(); run > 0; run /= 2) {
      std::size_t at = 0;
      while (at < list_of(told_).size()) {
        const bool gone = drop([&](scenario& smaller) {
          auto& list = list_of(smaller);
          const std::size_t end = std::min(at + run, list.size());
          using distance = std::ptrdiff_t;
          list.erase(list.begin() + static_cast<distance>(at),
                     list.begin() + static_cast<distance>(end));
        });
        if (!gone) at += run;
      }
    }
  }

  [[nodiscard]] const scenario& told() const { return told_; }
  [[nodiscard]] bool tired() const { return left_ <= 0; }

 private:
  scenario told_;
  const std::function<bool(const scenario&)>& fails_;
  int left_;
};

}  // namespace

scenario shrunk(scenario told, const std::function<bool(const scenario&)>& fails, int plays) {
  shrinking work(std::move(told), fails, plays);
  work.drop([](scenario& one) { one.net = {}; });
  work.drop([](scenario& one) { one.disk = {}; });
  work.drop([](scenario& one) { one.slow_disk = nanoseconds(0); });
  work.drop([](scenario& one) { one.refused_text.clear(); });
  work.drop([](scenario& one) {
    one.config.jobs.resize(1);
    std::erase_if(one.drops, [](const erp_drop& drop) { return drop.job == second_job; });
  });
  work.thin_out([](auto& one) -> auto& { return one.faults; });
  work.thin_out([](auto& one) -> auto& { return one.kills; });
  work.thin_out([](auto& one) -> auto& { return one.edits; });
  work.thin_out([](auto& one) -> auto& { return one.drifts; });
  work.thin_out([](auto& one) -> auto& { return one.steps; });
  work.thin_out([](auto& one) -> auto& { return one.outages; });
  work.thin_out([](auto& one) -> auto& { return one.neighbours; });
  work.thin_out([](auto& one) -> auto& { return one.commands; });
  work.thin_out([](auto& one) -> auto& { return one.others; });
  work.thin_out([](auto& one) -> auto& { return one.undoings; });
  work.thin_out([](auto& one) -> auto& { return one.drops; });
  for (std::size_t i = 0; i < work.told().drops.size(); ++i) {
    work.thin_out([i](auto& one) -> auto& { return one.drops[i].rows; });
  }
  return work.told();
}

std::string outline(const scenario& told) {
  const auto counted = [](std::size_t count, const char* what) {
    return ", " + std::to_string(count) + ' ' + what;
  };
  std::size_t rows = 0;
  for (const erp_drop& drop : told.drops) rows += drop.rows.size();
  std::string text =
      std::to_string(told.drops.size()) + " drops of " + std::to_string(rows) + " rows in all" +
      counted(told.faults.size(), "faults of the API") + counted(told.kills.size(), "kills") +
      counted(told.edits.size(), "edits of others") + counted(told.steps.size(), "clock steps") +
      counted(told.outages.size(), "outages") + counted(told.neighbours.size(), "neighbours") +
      counted(told.commands.size(), "commands") + counted(told.others.size(), "other processes") +
      counted(told.undoings.size(), "undoings") + counted(told.drifts.size(), "drifts");
  if (told.disk.at_call > 0) {
    text += told.disk.full ? ", a disk full from call " : ", a disk that fails in call ";
    text += std::to_string(told.disk.at_call);
  }
  const weather& net = told.net;
  const bool calm = net.unsent + net.lost + net.cut_off + net.unheard + net.impatient +
                        net.doubled + net.shuffled + net.slow_reads ==
                    0;
  return text + (calm ? ", a calm network" : ", a network that fails");
}

}  // namespace patchbay::sim
