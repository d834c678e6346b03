#include "stops.hpp"

#include <string>

namespace patchbay {

stop drained_stop() {
  return {stop_cause::drained, "DRAINED",
          "stopped by a signal: what was in flight is finished, the rest stays pending"};
}

stop deadline_stop() {
  return {stop_cause::deadline, "DEADLINE",
          "the job's deadline has come: what was in flight is finished, the rest stays pending"};
}

stop blackout_stop() {
  return {stop_cause::deadline, "BLACKOUT",
          "a blackout of the job: what was in flight is finished, the rest goes on after it"};
}

stop nobody_answers(bool connected) {
  if (connected) {
    return {stop_cause::temporary, "API_FAILING",
            "the API gives no good answer, and api.retry.give_up has passed: nothing is "
            "lost, the next run goes on"};
  }
  return {stop_cause::unreachable, "API_UNREACHABLE",
          "the API cannot be connected, and api.retry.give_up has passed: check api.base_url, "
          "the network and the proxy; nothing is lost"};
}

stop quota_is_spent() {
  return {stop_cause::temporary, "API_THROTTLES",
          "the API answers reads with 429 alone, and api.retry.give_up has passed: somebody else "
          "behind this address spends the quota; try again later, or agree on shares "
          "(api.limits.reserve)"};
}

stop reads_too_slow() {
  return {stop_cause::temporary, "READ_TOO_SLOW",
          "reading a customer takes the API longer than the two seconds for which its metadata may "
          "be merged, again and again: nothing can be merged safely; everything unsent stays "
          "pending, the next run goes on"};
}

stop token_not_accepted() {
  return {stop_cause::forbidden, "TOKEN_NOT_ACCEPTED",
          "the API refuses the token that the token endpoint has just given: check that "
          "api.token_url and api.base_url belong together"};
}

stop forbidden_by(const verdict& said) {
  return {stop_cause::forbidden, "API_FORBIDDEN",
          "the API does not permit this (status " + std::to_string(said.status) +
              "): check the permissions of api.client_id; nothing more is sent, everything stays "
              "pending"};
}

stop misused_by(const verdict& said) {
  if (said.status >= 300 && said.status < 400) {
    return {stop_cause::unreachable, "API_REDIRECTS",
            "the API redirects (status " + std::to_string(said.status) +
                "), and a redirect is never followed with the token: check api.base_url"};
  }
  if (said.status == 404) {
    return {stop_cause::unreachable, "API_NOT_FOUND",
            "the API has no customers at this address (status 404): check the path of "
            "api.base_url"};
  }
  return {stop_cause::misused, "API_MISUSED",
          "the API refuses a request that every record would repeat (status " +
              std::to_string(said.status) +
              (said.refusals.empty() ? "" : ", " + said.refusals.front().code) + ")"};
}

}  // namespace patchbay
