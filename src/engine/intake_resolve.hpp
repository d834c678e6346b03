// Customers never seen before get their id and their present values from the API; known ones with
// a field that was never read get that field. Keeps what was learned for the admit, and sees to it
// that no id belongs to two keys. Private to engine/; loop thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "intake_read.hpp"
#include "intake_rows.hpp"
#include "patchbay/engine/intake.hpp"

namespace patchbay::intake {

/// A row whose customer must be read first. `levels`: what the store holds, if anything.
struct waiting_row {
  parsed_row row;
  std::optional<customer_levels> levels;
};

/// The customer as it is known after the read.
struct resolved_row {
  waiting_row from;
  customer_levels levels;
  bool created = false;  ///< the store did not know it
};

struct refused_row {
  parsed_row row;
  bool known = false;
  bool not_found = false;
  std::string code;
  std::string message;
};

/// An earlier row of this drop that was resolved to an id which a later one reaches too.
struct contested_claim {
  fingerprint customer;
  std::string key;
  std::string code;
  std::string message;
};

using resolution = std::variant<resolved_row, refused_row, contested_claim>;

/// What a look at the API and the store takes.
struct resolver_parts {
  api_reader* api;
  std::string base_path;
  intake_store& store;
  lane& store_lane;
  const seal& sealing;
};

class customer_resolver {
 public:
  /// `adopts`: what the API says counts as acknowledged, whatever was before.
  customer_resolver(resolver_parts parts, const job_spec& job, bool adopts)
      : parts_(std::move(parts)), job_(job), adopts_(adopts) {}

  /// Rows of unknown customers, by their key; one resolution a row, contested claims beside.
  [[nodiscard]] boost::asio::awaitable<unless_stopped<std::vector<resolution>>> find(
      std::vector<waiting_row> rows);
  /// Rows of known customers, by their id.
  [[nodiscard]] boost::asio::awaitable<unless_stopped<std::vector<resolution>>> read_again(
      std::vector<waiting_row> rows);

  [[nodiscard]] std::vector<learned_customer> learned() const;
  /// Known customers whose acknowledged values are others now: their lines say no longer what is
  /// settled.
  [[nodiscard]] const std::vector<fingerprint>& drifted() const { return drifted_; }
  /// Of them, the sensitive fields.
  [[nodiscard]] const std::vector<skipped_field>& hidden() const { return hidden_; }

 private:
  struct claim {
    fingerprint customer;
    std::string key;
    bool contested = false;
  };
  using found_by_key = std::unordered_map<std::string, std::vector<remote_customer>>;

  [[nodiscard]] std::string sought_form(const std::string& key) const;
  [[nodiscard]] found_by_key by_key(std::vector<remote_customer> found) const;
  [[nodiscard]] resolution settle_one(waiting_row waiting, const remote_customer& found);
  [[nodiscard]] field_values known_values(const remote_customer& found) const;
  void tell_drift(const parsed_row& row, const learned_customer& learned);
  void claim_id(waiting_row waiting, const remote_customer& found,
                std::vector<resolution>& decided);

  resolver_parts parts_;
  const job_spec& job_;
  bool adopts_;
  std::unordered_map<std::string, claim> claims_;              ///< by id
  std::unordered_map<std::string, learned_customer> learned_;  ///< by key
  std::vector<fingerprint> drifted_;
  std::vector<skipped_field> hidden_;
};

}  // namespace patchbay::intake
