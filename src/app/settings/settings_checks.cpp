#include <algorithm>
#include <string>

#include "patchbay/app/settings_parts.hpp"

namespace patchbay {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

/// Both write the same member of a customer: the same field, a metadata key inside another's, or
/// one of them replaces the metadata as a whole.
bool collide(const job_spec& one, const field_spec& a, const job_spec& other, const field_spec& b) {
  if (a.name == b.name || a.name.starts_with(b.name + ".") || b.name.starts_with(a.name + ".")) {
    return true;
  }
  return a.kind == field_kind::metadata && b.kind == field_kind::metadata &&
         (one.mapping.metadata == metadata_rule::replace ||
          other.mapping.metadata == metadata_rule::replace);
}

class pair_check {
 public:
  pair_check(const std::vector<job_spec>& jobs, std::size_t earlier, std::size_t later,
             config_notes& notes)
      : one_(jobs[earlier]),
        two_(jobs[later]),
        prefix_("jobs[" + std::to_string(later) + "]"),
        notes_(notes) {}

  void run() const {
    if (!two_.name.empty() && lower_case(one_.name) == lower_case(two_.name)) {
      note(".name", "two jobs are named \"" + two_.name + "\"");
    }
    if (!two_.source.directory.empty() && one_.source.directory == two_.source.directory &&
        one_.source.pattern == two_.source.pattern) {
      note(".source.directory",
           "the job \"" + one_.name +
               "\" takes the same files: give one of them another directory or "
               "pattern");
    }
    for (const field_spec& field : two_.mapping.fields) check_field(field);
  }

 private:
  void check_field(const field_spec& field) const {
    for (const field_spec& owned : one_.mapping.fields) {
      if (!collide(one_, owned, two_, field)) continue;
      const std::string key = ".fields." + field.name;
      note(key, owned.name == field.name
                    ? "the job \"" + one_.name +
                          "\" writes this field too: a field of a customer belongs to one job"
                    : "the job \"" + one_.name + "\" writes " + owned.name +
                          (one_.mapping.metadata == metadata_rule::replace ||
                                   two_.mapping.metadata == metadata_rule::replace
                               ? ", and metadata: replace makes one job the owner of all metadata"
                               : ", and one lies inside the other"));
      return;
    }
  }

  void note(const std::string& key, const std::string& why) const {
    notes_.add(notes_.place_of(prefix_ + key), "CONFIG_VALUE", prefix_ + key,
               prefix_ + key + ": " + why);
  }

  const job_spec& one_;
  const job_spec& two_;
  std::string prefix_;
  config_notes& notes_;
};

}  // namespace

void check_jobs(const std::vector<job_spec>& jobs, config_notes& notes) {
  for (std::size_t later = 1; later < jobs.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      pair_check(jobs, earlier, later, notes).run();
    }
  }
}

}  // namespace patchbay
