// What the store can tell of one customer: of each field what the ERP wants, what the API
// confirmed, and who wrote it last. Plain data; sensitive values are masked already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

/// The last thing that changed a field: a settle, or an operator's waiver.
struct field_event {
  std::string field;
  std::string run;   ///< empty: an operator
  std::string drop;  ///< the file's name as delivered; empty: no longer known
  std::int64_t line = 0;
  std::string request_id;
  wall_time at{};
  std::string waived_by = {};  ///< empty: a settle
  value to = {};               ///< a settle: what the API confirmed; never shown
};

/// What a settle of some run wrote.
struct written_field {
  std::string key;
  std::string field;
  std::optional<value> from;  ///< nullopt: it was not known
  value to;
};

struct field_story {
  std::string name;
  std::optional<value> wanted;          ///< nullopt: the ERP has not spoken of it
  std::optional<value> acknowledged;    ///< nullopt: never read, never confirmed
  std::optional<value> waived;          ///< the ERP's value that an operator refused
  std::optional<value> kept_as;         ///< the form in which the API keeps what is acknowledged
  std::optional<doubt::phase> doubted;  ///< of a request that may have written it
  bool differs = false;                 ///< the two levels, which look alike when they are masked
  bool unreadable = false;              ///< the API does not show it: nobody has read it
  /// Who wrote the value that counts. A value that is still wanted has a drop and a line alone.
  field_event written;
  std::optional<field_event> confirmed;  ///< still wanted: who wrote the value that the API has
  wall_time owed_since{};  ///< still wanted: since when the customer is owed something
};

struct explanation {
  std::string job;
  std::string key;
  std::string id;     ///< empty: forgotten, looked up again with its next try or row
  std::string state;  ///< settled, pending, rejected
  std::vector<field_story> fields;
  std::vector<dead_letter> refusals;
  std::vector<reject_entry> refused_rows;  ///< of the newest drop, by intake
};

}  // namespace patchbay
