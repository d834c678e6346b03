// Reads customers and groups from the API in batches of 25, several GETs in flight at once.
// Private to engine/; loop thread. Decides nothing: what the answers mean is intake_resolve's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/api_reader.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/model/stop.hpp"
#include "patchbay/model/verdict.hpp"

namespace patchbay::intake {

struct read_from {
  api_reader& api;
  std::string base_path;
  const mapping_spec& mapping;
};

/// Values in batches of a page; one that holds a comma is asked for alone.
[[nodiscard]] std::vector<std::vector<std::string>> in_batches(
    const std::vector<std::string>& values);

/// All customers whose id, reference or email is one of `values`, all pages, in any order.
[[nodiscard]] boost::asio::awaitable<unless_stopped<std::vector<remote_customer>>>
read_customers_by(read_from from, match_by by, std::vector<std::string> values);

/// code → id of those of `codes` that exist.
using group_ids = std::map<std::string, std::string>;
[[nodiscard]] boost::asio::awaitable<unless_stopped<group_ids>> read_group_codes(
    read_from from, std::vector<std::string> codes);

}  // namespace patchbay::intake
