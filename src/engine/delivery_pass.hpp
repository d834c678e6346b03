// A pass of delivery: the workers, what they do at each step that dispatch names, and how every
// reply is settled. Jobs come and go while it lasts: each has a share of its own, with run, counts
// and deadline, and any worker serves any of them. It decides nothing about when: that is
// policy/dispatch. Nothing is reported to dispatch before what it rests on is durable. Private to
// engine/; loop thread.
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "caller.hpp"
#include "in_hand.hpp"
#include "patch_builder.hpp"
#include "patchbay/engine/delivery.hpp"

namespace patchbay {

class delivery_pass {
 public:
  struct parts {
    delivery_parts& given;
    const settings& config;
    store_queue& queue;
    session_pool& pool;
    token_source& token;
    caller& reads;
    closing_time& closing;
    std::shared_ptr<gates> target;
    std::set<std::string>& circles_told;  ///< jobs in which nobody was refused an address since
  };
  struct order {
    const job_spec& job;
    std::optional<instant> deadline;
    account& payer;
    api_reader& reads;  ///< on the same account
  };

  explicit delivery_pass(parts given);
  /// Delivers what is pending of the job. The last one out joins the workers.
  [[nodiscard]] boost::asio::awaitable<delivered> take(order asked);
  [[nodiscard]] bool empty() const { return shares_.empty(); }
  void make_way(const std::string& job);
  void set_deadline(const std::string& job, std::optional<instant> deadline);
  void drain();
  void nudge();

 private:
  /// One PATCH that has its slot and its in-doubt mark.
  struct attempt {
    ticket which = 0;
    slot_number slot = 0;
    int taken = 0;  ///< of the window, as in its lease
    built_patch built;
    std::string token;
    drop_number drop = 0;
    instant ended{0};
    bool repeats = false;  ///< counted as a repetition
  };

  /// What the pass does for one job.
  struct share {
    order asked;
    delivered did = {};
    pending_cursor cursor = {};  ///< of its pending customers that are being loaded
    wall_time due{};             ///< dead letters due until then are tried again
    instant began{0};
    std::int64_t of = 0;
    int epoch = 0;
    bool open = false;                   ///< takes part in dispatch
    bool knows = false;                  ///< groups and names of files, as of this epoch
    bool all_loaded = false;             ///< nothing more is pending than what is in hand
    std::set<std::string> refused = {};  ///< keys, in this pass, and not settled since
    std::set<std::string> taken = {};    ///< keys that were refused an e-mail address in this pass
    std::unique_ptr<alarm> bell = {};
  };
  [[nodiscard]] share& share_of(const customer_in_hand& one) { return shares_.at(one.job->name); }
  [[nodiscard]] const share& share_of(const customer_in_hand& one) const {
    return shares_.at(one.job->name);
  }

  // A job's share, from its beginning to its end (pass_share.cpp)
  [[nodiscard]] boost::asio::awaitable<void> serve(share& mine);
  [[nodiscard]] boost::asio::awaitable<bool> begin(share& mine);
  [[nodiscard]] boost::asio::awaitable<void> learn(share& mine);
  [[nodiscard]] boost::asio::awaitable<void> until_finished(share& mine);
  void leave(share& mine);

  // The round of a worker (delivery_pass.cpp)
  void hire();
  [[nodiscard]] boost::asio::awaitable<void> work();
  [[nodiscard]] boost::asio::awaitable<void> work_on(alarm& bell);
  [[nodiscard]] boost::asio::awaitable<bool> obey(step what, alarm& bell);
  [[nodiscard]] boost::asio::awaitable<void> load(std::string job);
  void take_page(share& mine, std::vector<customer_levels> page);
  void fail(std::exception_ptr why);
  void end(stop why);
  void ring_all();
  [[nodiscard]] instant wait_until(std::optional<instant> asked) const;

  // Sending (pass_send.cpp)
  [[nodiscard]] boost::asio::awaitable<void> send(ticket which);
  [[nodiscard]] boost::asio::awaitable<void> lease_and_send(attempt made);
  /// False: what was leased must not leave any more.
  [[nodiscard]] bool may_leave(const attempt& made) const;
  [[nodiscard]] boost::asio::awaitable<void> exchange_patch(attempt made, borrowed_session session);
  [[nodiscard]] boost::asio::awaitable<void> on_reply(attempt made, reply answer);
  [[nodiscard]] boost::asio::awaitable<void> on_no_reply(attempt made, no_reply failed);
  [[nodiscard]] boost::asio::awaitable<void> on_confirmed(attempt made, verdict said,
                                                          std::optional<remote_customer> echo);
  [[nodiscard]] boost::asio::awaitable<void> on_refused(attempt made, verdict said);
  /// A failure that concerns the record: tried again, or a dead letter when its tries are used up.
  [[nodiscard]] boost::asio::awaitable<void> on_failed_try(attempt made, verdict said);
  /// A definite no that spends no try: 429, a stale token, or something that stops everything.
  [[nodiscard]] boost::asio::awaitable<void> on_denied(attempt made, verdict said);
  void on_answer(ticket which);
  [[nodiscard]] boost::asio::awaitable<void> cancel(attempt made, instant again_at);
  [[nodiscard]] boost::asio::awaitable<void> refuse_unsent(ticket which, std::string code,
                                                           std::string message);
  [[nodiscard]] boost::asio::awaitable<void> nothing_to_send(ticket which);

  // Reading (pass_read.cpp)
  [[nodiscard]] boost::asio::awaitable<void> read_metadata_of(std::vector<ticket> which);
  [[nodiscard]] boost::asio::awaitable<void> read_back_of(std::vector<ticket> which);
  /// The customers that the API shows, by id, and when they were asked for.
  struct shown {
    std::map<std::string, remote_customer> customers;
    instant asked_at{0};
  };
  [[nodiscard]] boost::asio::awaitable<std::optional<shown>> read_customers_of(
      std::vector<ticket> which);
  [[nodiscard]] boost::asio::awaitable<void> forget(ticket which);
  /// Who has no id any more and is due is looked up by key, before the first PATCH.
  [[nodiscard]] boost::asio::awaitable<void> look_up_forgotten(share& mine);
  [[nodiscard]] boost::asio::awaitable<void> look_up(share& mine,
                                                     std::vector<customer_levels> page);
  [[nodiscard]] boost::asio::awaitable<void> refuse_forgotten(share& mine, customer_levels one,
                                                              fault why);

  // Addresses that were taken (pass_taken.cpp)
  void note_taken(const attempt& made, const verdict& said);
  [[nodiscard]] bool may_go_on(const share& mine) const;
  [[nodiscard]] boost::asio::awaitable<void> try_taken_again(share& mine);
  [[nodiscard]] boost::asio::awaitable<std::vector<customer_levels>> refused_among(
      const job_spec& job, std::set<std::string> keys);
  /// An address that they were refused is free: they are tried again at once.
  [[nodiscard]] boost::asio::awaitable<void> call_up(std::vector<customer_name> names);
  /// `epoch`: of the share, before they were looked up.
  void take_in_hand(share& mine, std::vector<customer_levels> again, int epoch);
  boost::asio::awaitable<bool> reword(const share& mine, const customer_levels& one,
                                      std::vector<dead_letter> letters);
  [[nodiscard]] boost::asio::awaitable<void> tell_circles(share& mine);
  [[nodiscard]] boost::asio::awaitable<void> tell_circle(
      const share& mine, std::vector<const customer_levels*> members);

  // Settling (pass_settle.cpp)
  [[nodiscard]] settle settle_of(const attempt& made, settle_kind kind,
                                 const std::string& request_id);
  [[nodiscard]] letter_frame frame_of(const customer_in_hand& one) const;
  /// Durable on return; whether the customer is settled.
  [[nodiscard]] boost::asio::awaitable<bool> commit(delivery_op op);
  /// What the store says now decides how a ticket goes on.
  [[nodiscard]] boost::asio::awaitable<void> go_on(ticket which, instant not_before);
  /// The same after a settle: nothing is left of who is settled, unless somebody admitted
  /// meanwhile.
  [[nodiscard]] boost::asio::awaitable<void> after_settle(ticket which, bool settled);
  /// False when the store holds nothing more of it.
  [[nodiscard]] boost::asio::awaitable<bool> load_again(ticket which);
  void note_rejected(const customer_in_hand& one);
  /// A letter that was written in this pass is not due in it, whatever the wall clock does.
  [[nodiscard]] wall_time due_for(const share& mine, const customer_levels& one) const;
  /// In hand is something else than second chances of those who are refused as it is.
  [[nodiscard]] bool work_is_left(const share& mine) const;
  void tell_progress(const share& mine);
  void tell_attempt(severity how, const attempt& made, const verdict& said);

  parts parts_;
  std::map<std::string, share> shares_;  ///< by job
  class dispatch dispatch_;
  customers_in_hand hand_;
  group_ids groups_;
  std::map<drop_number, std::string> files_;
  std::string base_path_;
  std::optional<boost::asio::any_io_executor> loop_;
  std::set<alarm*> bells_;   ///< of the workers that wait
  std::size_t looking_ = 0;  ///< workers that ask for another step
  std::size_t started_ = 0;  ///< workers whose coroutine has not ended
  std::exception_ptr failed_;
};

}  // namespace patchbay
