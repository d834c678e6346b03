#include "log_events.hpp"

#include <algorithm>
#include <array>

namespace patchbay {
namespace {

struct event_id {
  std::string_view event;
  std::string_view id;
};

/// Sorted by name. Ids were drawn once (`journalctl --new-id128`) and never change: alerts and
/// systemd/patchbay.catalog are written against them.
constexpr auto known = std::to_array<event_id>({
    {"applied_late", "b8b9f7abd8434b40ab57e22aa292c3e9"},
    {"archive_not_pruned", "1ca78c360a9342a08d6ee56bfc3e8da7"},
    {"archive_pruned", "f056deb66caf45dfa269b745794e48cd"},
    {"attempt", "814d8f39aaf747f18899a72ef97f9f72"},
    {"breaker_closed", "124ae4a1b6d4426f88fd5c6a2a4338cc"},
    {"breaker_open", "e212ba08b3b6430c9d630c2c8891eaf8"},
    {"command_failed", "459bfb709dd64c3090534f7c0b5e20f2"},
    {"configuration_kept", "4f051b8768f54410bb202ca14087183e"},
    {"configuration_read", "ce11f6ea465447f78ddd6c7a1d4c3667"},
    {"configuration_taken", "5b0de1c0b5a94f6f8f6d6b9a2f7c41e3"},
    {"daemon_started", "0d71938d7de54825ad256f60d5a4b14f"},
    {"directory_back", "9b6e434ec3be3e9d7ed4f7839ad3f270"},
    {"draining", "5bcf70c7dd3f4fb9a53a2946e39af7d9"},
    {"drop_admitted", "43fffaf8460849898a6ebe4213f9d35e"},
    {"drop_begun", "b7fbb9899fdd4cddb858462816dea452"},
    {"drop_claimed", "49ff8579b8154d04b064d33cd71e16cf"},
    {"drop_failed", "741510f54d53488499b3ae3374fd4f71"},
    {"drop_held", "35a41dc4ede847dcab50467f27c5f8df"},
    {"drop_not_admitted", "b14ca9880e184433bdf3ffcb1c6907f0"},
    {"drop_not_moved", "552a55d3d4ad42ac934db8ad67db1e30"},
    {"drop_refused", "7d6dd50e33974bf78957888b8102fcde"},
    {"drop_superseded", "e02e72d99f3d4e0887051cef8cae58bf"},
    {"drop_waits", "8222b267a950418ea9cf8e9806dfe098"},
    {"email_cycle", "93d009c6f32b48b9bb2154ed3038655e"},
    {"feedback_not_written", "0c76997626ee46b0835b8f84eb00c213"},
    {"folder_back", "a68ab0b7f5cd4a528c91479bb96545c2"},
    {"folder_gone", "6ef14b962e414247bf3a6e381daa78ba"},
    {"http_listening", "af6c9432d3d549628c75afbabcf94cd9"},
    {"job_lost", "0c7f3b8a4d5e4c1f9a6b2e8d7f10345c"},
    {"job_waits", "fb07405c9f2f4c108169efecff1d289c"},
    {"lane_answers", "5ed26f00060749eab2ea3b4c56fba6f8"},
    {"lane_stuck", "414734b0d02f439ca71305d73813e367"},
    {"limit_lower", "df95a4d38b364b91b5da3ddaca0580c2"},
    {"line_not_kept", "0b62770de19845a884a64aa710ec2ebe"},
    {"lines_discarded", "ea779698ab0c470c9642c0313ec7fe61"},
    {"lines_not_kept", "ed508be96ba04254b824c3eb40f07902"},
    {"log_lines_lost", "90aa2c97e8824c7a8c9ce53f8d90a85a"},
    {"metrics_not_written", "f7dec6e591ee41059e8080de11cde84c"},
    {"pass_recovered", "cb4e888b825846bb8d889db1f88338c6"},
    {"pass_stopped", "2b2d4491b56a4fbaa88a129df4fbcf26"},
    {"progress", "e9f5758b25bf4d66a085a3c0d0679b70"},
    {"quota_shared", "6510cc1aa3ea4bcb86fa065ca9c5d4c6"},
    {"read", "282f34abebb4430cbde7fd79eb683769"},
    {"read_failed", "e51fc88763ee4c2aa404df8d3ee4c937"},
    {"rejected", "8a0d2e91ec844d24a4d7fa501ad4abd1"},
    {"report_not_written", "0ed64d0fe3e944fdbdbaeec447f6466c"},
    {"request_done", "36e872072dc846798c82c778a842baf0"},
    {"run_begun", "23201482ff2f49969d62096a4097024e"},
    {"run_done", "6ee73632128c48b885e4a727a6b2970d"},
    {"run_ended", "4f8cd069d78342a191658baffee7aead"},
    {"schedule_missed", "b0c11699c8a14503b26fb406a4bef686"},
    {"schedule_overlapped", "6e1246244d98401f94c5280421321e17"},
    {"seal_key_changed", "8ad4f3c9d7b347188a4f1ac9c7e71179"},
    {"state_read_only", "7468233e59774058a34b09a7ed3eb158"},
    {"stopped", "fd8f712d15c0410ba51b6367181b92c6"},
    {"token_delayed", "328ca6de56df42168f1eb04adaf5ec40"},
});

}  // namespace

std::string_view message_id_of(std::string_view event) {
  const auto* const found = std::ranges::lower_bound(known, event, {}, &event_id::event);
  return found != known.end() && found->event == event ? found->id : std::string_view();
}

}  // namespace patchbay
