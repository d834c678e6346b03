// Takes a drop's profile from a sample of its rows, evenly over the file, so that a drop of ten
// million rows that are not parsed is still compared with the one before. Private to engine/; on
// the rows lane.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/job.hpp"
#include "patchbay/model/profile.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay::intake {

class drop_sampler {
 public:
  drop_sampler() = default;
  /// `bytes`: the file's size; every row of a small drop is looked at.
  drop_sampler(const std::vector<std::string>& header, const mapping_spec& mapping,
               std::int64_t bytes);

  /// True for the rows to look at; `row`: 0 for the first data row.
  [[nodiscard]] bool wants(std::int64_t row) const { return row % stride_ == 0; }
  void look_at(const drop_reader& reader, std::string_view record);
  /// `rows`: of the whole drop.
  [[nodiscard]] drop_profile profile(std::int64_t rows) const;

 private:
  struct column {
    std::string name;
    std::size_t index;
    column_profile seen;
    std::optional<std::string> first;  ///< text of the first cell
  };
  std::int64_t stride_ = 1;
  drop_profile made_;
  std::vector<column> columns_;  ///< the mapped ones
};

}  // namespace patchbay::intake
