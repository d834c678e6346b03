#include "status_site.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "patchbay/adapter/report/status_html.hpp"
#include "patchbay/adapter/report/status_text.hpp"

namespace patchbay {
namespace {

constexpr std::chrono::seconds look_every{1};
constexpr std::chrono::seconds textfile_every{15};

web_reply of_type(const char* type, std::string body) {
  web_reply made;
  made.type = type;
  made.body = std::move(body);
  return made;
}

}  // namespace

status_site::status_site(composition& all, process_meters& meters, const web_listener* door)
    : all_(all), meters_(meters), desk_(all, meters.live), timer_(all.loop()) {
  meters_.share_running(all);
  if (door != nullptr) server_.emplace(all.loop(), *door, pages());
  tick();
}

status_site::~status_site() {
  close();
}

void status_site::close() {
  if (std::exchange(closed_, true)) return;
  meters_.live.tell_to({});
  if (server_) server_->close();
  desk_.close();
  timer_.cancel();
}

void status_site::add(const run_report& report) {
  meters_.add(report);
  desk_.runs_changed();
}

void status_site::drain() {
  draining_ = true;
}

web_site status_site::pages() {
  web_site site;
  site.pages["/livez"] = [](const web_answer& answer) {
    answer(of_type("text/plain; charset=utf-8", "ok\n"));
  };
  site.pages["/readyz"] = [this](const web_answer& answer) {
    // Asks the store, for it may have failed since.
    desk_.ask([this, answer](const status_report&) { answer(readiness()); });
  };
  site.pages["/metrics"] = [this](const web_answer& answer) {
    desk_.ask([this, answer](const status_report& now) {
      meters_.numbers.take(now);
      answer(of_type("text/plain; version=0.0.4; charset=utf-8", meters_.numbers.text()));
    });
  };
  site.pages["/status.json"] = [this](const web_answer& answer) {
    desk_.ask([answer](const status_report& now) {
      answer(of_type("application/json", status_json(now)));
    });
  };
  site.pages["/"] = [](const web_answer& answer) {
    web_reply made;
    made.status = 302;
    made.location = "/status";
    answer(std::move(made));
  };
  site.pages["/status"] = [this](const web_answer& answer) {
    desk_.ask([answer](const status_report& now) {
      answer(of_type("text/html; charset=utf-8", status_html(now)));
    });
  };
  site.pages[status_style_path] = [](const web_answer& answer) {
    answer(of_type("text/css; charset=utf-8", status_style()));
  };
  site.pages[status_script_path] = [](const web_answer& answer) {
    answer(of_type("text/javascript; charset=utf-8", status_script()));
  };
  site.pages[status_sign_path] = [](const web_answer& answer) {
    answer(of_type("image/svg+xml", status_sign()));
  };
  site.events = status_events_path;
  return site;
}

web_reply status_site::readiness() const {
  std::string reasons;
  if (draining_) reasons += "draining: what is in flight is finished, nothing new is started\n";
  if (!desk_.failure().empty()) reasons += "the store failed: " + desk_.failure() + "\n";
  if (!meters_.live.refusal().empty()) {
    reasons += "the API refuses us: " + meters_.live.refusal() + "\n";
  }
  web_reply made;
  made.status = reasons.empty() ? 200 : 503;
  made.body = reasons.empty() ? "ready\n" : std::move(reasons);
  return made;
}

void status_site::tick() {
  tell_node_exporter();
  tell_streams();
  timer_.expires_after(look_every);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled && !closed_) tick();
  });
}

void status_site::tell_streams() {
  if (!server_) return;
  // Who comes later is not told what was true when the last one left.
  if (server_->streams() == 0) return server_->publish({});
  desk_.ask([this](const status_report& now) { server_->publish(status_parts(now)); });
}

void status_site::tell_node_exporter() {
  const auto& file = all_.config().metrics_textfile;
  const instant now = all_.time().now();
  if (!file || writing_ || now < textfile_due_) return;
  textfile_due_ = now + textfile_every;
  writing_ = true;
  desk_.ask([this, file = *file](const status_report& status) {
    meters_.numbers.take(status);
    const auto failed = std::make_shared<std::optional<fault>>();
    const auto write = [file, failed, text = meters_.numbers.text(false)] {
      if (const auto written = write_textfile(file, text); !written) {
        *failed = written.error();
      }
    };
    all_.ask_store(write, [this, failed](const std::exception_ptr&) {
      writing_ = false;
      if (!*failed) return;
      meters_.live.note(severity::warning, "metrics_not_written", (*failed)->message, {});
    });
  });
}

}  // namespace patchbay
