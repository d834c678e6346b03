// A pass's second chances: an e-mail address that was taken is free once its holder has got his new
// one. The store says who was refused it, tonight or nights ago, and they are tried again at once;
// so an address that is handed down a chain costs a PATCH a customer. Who waits for somebody that
// the store does not know of is tried once more after the rest, until a round helps nobody; who
// then still waits for one another in a circle is told so.
#include <algorithm>
#include <map>
#include <utility>

#include "delivery_pass.hpp"
#include "patchbay/model/text.hpp"

namespace patchbay {

namespace asio = boost::asio;

namespace {

constexpr std::string_view address = "email";

/// Addresses differ whatever their case; a sensitive one is compared by its hash.
std::optional<std::string> address_in(const field_values& fields) {
  const auto found = fields.find(address);
  if (found == fields.end() || is_null(found->second)) return std::nullopt;
  return lowered(plain_text(found->second));
}

/// From the first member on, each waits for the next one's address, and the last for the first's.
using circle = std::vector<const customer_levels*>;

/// Who among those that wait has the address that another of them wants.
class holders {
 public:
  explicit holders(const std::vector<customer_levels>& waiting) {
    for (const customer_levels& one : waiting) {
      if (const auto held = address_in(one.acknowledged)) by_address_.emplace(*held, &one);
    }
  }
  [[nodiscard]] const customer_levels* of_wanted_by(const customer_levels& one) const {
    const auto wanted = address_in(one.wanted->fields);
    const auto found = wanted ? by_address_.find(*wanted) : by_address_.end();
    return found == by_address_.end() || found->second == &one ? nullptr : found->second;
  }

 private:
  std::map<std::string, const customer_levels*> by_address_;
};

/// Those who wait for somebody that does not wait himself.
std::vector<customer_levels> free_ends(const std::vector<customer_levels>& waiting) {
  const holders all(waiting);
  std::vector<customer_levels> ends;
  std::copy_if(waiting.begin(), waiting.end(), std::back_inserter(ends),
               [&all](const auto& one) { return all.of_wanted_by(one) == nullptr; });
  return ends;
}

/// Who waits for whom; each at most for one, so that a walk either ends or turns round.
std::vector<circle> circles_among(const std::vector<customer_levels>& waiting) {
  const auto by_key = [](const customer_levels* a, const customer_levels* b) {
    return a->key < b->key;
  };
  const holders all(waiting);
  std::vector<circle> found;
  std::set<const customer_levels*> seen;
  for (const customer_levels& first : waiting) {
    circle walked;
    const customer_levels* at = &first;
    while (at != nullptr && seen.insert(at).second) {
      walked.push_back(at);
      at = all.of_wanted_by(*at);
    }
    const auto turn = std::find(walked.begin(), walked.end(), at);
    if (at == nullptr || turn == walked.end()) continue;
    circle members(turn, walked.end());
    // Told again in the same words, whoever was tried first.
    std::rotate(members.begin(), std::min_element(members.begin(), members.end(), by_key),
                members.end());
    found.push_back(std::move(members));
  }
  return found;
}

std::string in_words(const circle& members) {
  constexpr std::size_t most_named = 20;
  std::string names;
  for (std::size_t i = 0; i < std::min(members.size(), most_named); ++i) {
    names += members[i]->key + " → ";
  }
  if (members.size() > most_named) names += "… → ";
  return "each of these customers is to get the e-mail address of the next: " + names +
         members.front()->key + "; let the ERP give one of them another address first";
}

std::vector<dead_letter> in_circle(std::vector<dead_letter> letters, const std::string& words) {
  for (dead_letter& letter : letters) {
    if (letter.field != address) continue;
    letter.code = email_cycle;
    letter.message = words;
  }
  return letters;
}

/// The circle is none any more, though the address is still taken.
std::vector<dead_letter> out_of_circle(std::vector<dead_letter> letters) {
  for (dead_letter& letter : letters) {
    if (letter.code != email_cycle) continue;
    letter.code = "VALIDATION_ERROR";
    letter.message = "another customer has this e-mail address (taken)";
  }
  return letters;
}

}  // namespace

void delivery_pass::note_taken(const attempt& made, const verdict& said) {
  if (std::none_of(said.refusals.begin(), said.refusals.end(), is_taken_address)) return;
  const customer_in_hand& one = hand_.at(made.which);
  share_of(one).taken.insert(one.levels.key);
  parts_.circles_told.erase(one.levels.job);
}

bool delivery_pass::may_go_on(const share& mine) const {
  const std::string& job = mine.asked.job.name;
  return !failed_ && !parts_.closing.closed() && !mine.did.made_way && dispatch_.exhausted(job) &&
         !dispatch_.deadline_passed(job, parts_.given.time.now());
}

asio::awaitable<void> delivery_pass::try_taken_again(share& mine) {
  std::int64_t applied = 0;
  while (!mine.taken.empty() && mine.did.applied > applied && may_go_on(mine)) {
    applied = mine.did.applied;
    const int epoch = mine.epoch;
    const std::vector<customer_levels> waiting = co_await refused_among(mine.asked.job, mine.taken);
    take_in_hand(mine, free_ends(waiting), epoch);
    if (dispatch_.exhausted(mine.asked.job.name)) break;
    hire();
    co_await until_finished(mine);
  }
}

/// Looked for among all who wait for an address, also those who were refused it nights ago; and
/// also by a pass that comes after one that was cut off.
asio::awaitable<void> delivery_pass::tell_circles(share& mine) {
  const std::string& job = mine.asked.job.name;
  if (failed_ || parts_.closing.closed() || mine.did.made_way) co_return;
  if (!parts_.circles_told.insert(job).second) co_return;
  auto ask = [this, &job] { return parts_.given.store.refused_addresses(job); };
  std::vector<customer_levels> waiting = co_await parts_.given.store_lane.run(ask);
  std::erase_if(waiting, [](const customer_levels& one) { return !one.wanted; });
  std::set<const customer_levels*> in_circles;
  for (circle& one : circles_among(waiting)) {
    in_circles.insert(one.begin(), one.end());
    co_await tell_circle(mine, std::move(one));
  }
  for (const customer_levels& one : waiting) {
    if (!in_circles.contains(&one)) co_await reword(mine, one, out_of_circle(one.dead));
  }
}

/// Those of a job that has no share now have their turn in its next pass.
asio::awaitable<void> delivery_pass::call_up(std::vector<customer_name> names) {
  std::map<std::string, std::set<std::string>> by_job;
  for (auto& [job, key] : names) by_job[job].insert(std::move(key));
  for (auto& [job, keys] : by_job) {
    const auto found = shares_.find(job);
    if (found == shares_.end() || !found->second.open) continue;
    const int epoch = found->second.epoch;
    const job_spec& spec = found->second.asked.job;
    std::vector<customer_levels> again = co_await refused_among(spec, std::move(keys));
    const auto still = shares_.find(job);
    if (still == shares_.end() || !still->second.open) continue;
    take_in_hand(still->second, std::move(again), epoch);
  }
}

/// Those of them whose refusal still stands.
asio::awaitable<std::vector<customer_levels>> delivery_pass::refused_among(
    const job_spec& job, std::set<std::string> keys) {
  const std::vector<std::string> asked(keys.begin(), keys.end());
  auto ask = [this, &job, &asked] { return parts_.given.customers.lookup(job.name, asked); };
  std::vector<customer_levels> found = co_await parts_.given.store_lane.run(ask);
  std::erase_if(found, [](const customer_levels& one) { return !one.wanted || one.dead.empty(); });
  co_return found;
}

void delivery_pass::take_in_hand(share& mine, std::vector<customer_levels> again, int epoch) {
  const job_spec& job = mine.asked.job;
  for (customer_levels& one : again) {
    // Their letters are not due yet, and need not be: the world has changed within this run.
    const auto left = work_left_for(one, job.mapping, wall_time::max());
    if (!left || hand_.holds(one.job, one.key)) continue;
    customer_in_hand taken;
    taken.levels = std::move(one);
    taken.job = &job;
    taken.epoch = epoch;
    const std::string id = taken.levels.id;
    dispatch_.add(hand_.take(std::move(taken)), job.name, id, left->what, left->not_before);
  }
}

/// Where its letters say something else now.
asio::awaitable<bool> delivery_pass::reword(const share& mine, const customer_levels& one,
                                            std::vector<dead_letter> letters) {
  if (letters == one.dead) co_return false;
  settle ended;
  ended.kind = settle_kind::refused;
  ended.released_at = parts_.given.time.now();
  ended.prove_after = parts_.config.api.request_timeout;
  ended.job = one.job;
  ended.key = one.key;
  ended.drop = one.wanted->drop;
  ended.run = mine.asked.payer.run;
  ended.at = parts_.given.time.wall();
  ended.dead = std::move(letters);
  delivery_op op = std::move(ended);
  co_await parts_.queue.submit(std::move(op));
  co_return true;
}

/// Its members' letters name the circle, instead of saying that the address is taken.
asio::awaitable<void> delivery_pass::tell_circle(const share& mine,
                                                 std::vector<const customer_levels*> members) {
  const std::string words = in_words(members);
  bool news = false;
  for (const customer_levels* one : members) {
    const bool told = co_await reword(mine, *one, in_circle(one->dead, words));
    news = news || told;
  }
  if (!news) co_return;
  parts_.given.watcher.note(severity::warning, "email_cycle",
                            std::to_string(members.size()) +
                                " customers pass their e-mail addresses on in a circle: see "
                                "EMAIL_CYCLE in dead-letters list",
                            {{"run", mine.asked.payer.run}, {"job", members.front()->job}});
}

}  // namespace patchbay
