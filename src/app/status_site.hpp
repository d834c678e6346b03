// What a daemon shows under http.listen and writes for a node_exporter: pages, health, metrics.
// One per configuration; loop thread. What must not end with a configuration (the counters, the
// listening socket) is the daemon's and is given to it.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "patchbay/adapter/web/web_server.hpp"
#include "process_meters.hpp"
#include "status_desk.hpp"

namespace patchbay {

class status_site {
 public:
  /// `door`: nullptr where nothing listens. The state is recovered, the configuration counts.
  status_site(composition& all, process_meters& meters, const web_listener* door);
  ~status_site();

  void add(const run_report& report);  ///< a run has told it
  void drain();                        ///< from now on we are not ready
  void close();

 private:
  [[nodiscard]] web_site pages();
  [[nodiscard]] web_reply readiness() const;
  void tick();
  void tell_streams();
  void tell_node_exporter();

  composition& all_;
  process_meters& meters_;
  status_desk desk_;
  boost::asio::steady_timer timer_;
  std::optional<web_server> server_;
  instant textfile_due_{0};
  bool writing_ = false;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace patchbay
