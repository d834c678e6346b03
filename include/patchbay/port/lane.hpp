// A lane runs blocking calls (the store's, the drop reader's) away from the loop thread, one
// after the other, and resumes the asking coroutine on its own executor. The store has a lane of
// one thread; a simulation gives the loop itself, and everything runs inline and in order.
#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

class lane {
 public:
  explicit lane(boost::asio::any_io_executor where) : where_(std::move(where)) {}

  /// Runs `call` on the lane; its result (or exception) comes back to the caller's executor.
  /// Name temporaries before co_await: what `call` refers to must outlive it.
  template <class Call>
  boost::asio::awaitable<std::invoke_result_t<Call>> run(Call call) {
    using out = std::invoke_result_t<Call>;
    if constexpr (std::is_void_v<out>) {
      auto wrapped = [inner = std::move(call)]() mutable {
        inner();
        return true;
      };
      co_await start<bool>(std::move(wrapped));
    } else {
      std::shared_ptr<out> made = co_await start<out>(std::move(call));
      co_return std::move(*made);
    }
  }

  /// For who is no coroutine: runs `call` on the lane and gives its result to `done` on `back`.
  /// Nobody waits for it, so both own what they use; `call` must not throw, and `done` is never
  /// called when the loop ends first.
  template <class Call, class Done>
  void ask(boost::asio::any_io_executor back, Call call, Done done) {
    boost::asio::post(
        where_, [back = std::move(back), call = std::move(call), done = std::move(done)]() mutable {
          boost::asio::post(
              back, [done = std::move(done), made = call()]() mutable { done(std::move(made)); });
        });
  }

 private:
  template <class Out, class Call>
  auto start(Call call) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                       void(std::exception_ptr, std::shared_ptr<Out>)>(
        [where = where_](auto done, Call inner) {
          auto back = boost::asio::prefer(boost::asio::get_associated_executor(done),
                                          boost::asio::execution::outstanding_work.tracked);
          boost::asio::post(
              where, [back, done = std::move(done), inner = std::move(inner)]() mutable {
                std::exception_ptr failed;
                std::shared_ptr<Out> made;
                try {
                  made = std::make_shared<Out>(inner());
                } catch (...) {
                  failed = std::current_exception();
                }
                boost::asio::post(back, [done = std::move(done), failed, made]() mutable {
                  done(failed, std::move(made));
                });
              });
        },
        boost::asio::use_awaitable, std::move(call));
  }

  boost::asio::any_io_executor where_;
};

}  // namespace patchbay
