// Makes the state of a shop whose customers all are as a drop says: bench_state CONFIG DROP.csv.
// What a first night leaves behind, without asking an API for ten million customers.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "patchbay/adapter/csv/csv_drop_opener.hpp"
#include "patchbay/adapter/store/line_set_file.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/adapter/system/machine_zones.hpp"
#include "patchbay/app/settings.hpp"
#include "patchbay/model/fingerprint.hpp"
#include "patchbay/model/mapping.hpp"
#include "patchbay/protocol/json_text.hpp"

using namespace patchbay;

namespace {

constexpr wall_time last_night{std::chrono::hours(24) * 365 * 56};

fingerprint joined(fingerprint one, fingerprint other) {
  return {one.high ^ other.high, one.low ^ other.low};
}

int give_up(const fault& why) {
  std::cerr << why.code << ": " << why.message << "\n";
  return 65;
}

struct group {
  std::vector<learned_customer> customers;
  std::vector<known_line> lines;
};

int make_state(const settings& config, const std::filesystem::path& drop) {
  const job_spec& job = config.jobs.front();
  std::filesystem::create_directories(config.state_path);
  sqlite_store store({.path = config.state_path / "patchbay.db",
                      .boot_id = "bench",
                      .process = "bench",
                      .process_alive = {}},
                     instant(0));
  line_set_options options{.path = config.state_path / ("lines-" + job.name + ".set"),
                           .store_id = store.identity().id,
                           .generation = [&store, &job] { return store.generation(job.name); }};
  line_set_file lines(std::move(options));
  const fingerprinter prints(store.identity().secret);
  const csv_drop_opener opener(job.source.csv, config.limits);
  auto opened = opener.open(drop);
  if (!opened) return give_up(opened.error());
  const auto mapping = bound_mapping::bind(job.mapping, (*opened)->header(), &canonical_json);
  if (!mapping) return give_up(mapping.error());
  const fingerprint of_mapping = prints.of_record(job.mapping_digest);
  const fingerprint meaning = joined(prints.of_record((*opened)->raw_header()), of_mapping);

  drop_record record;
  record.job = job.name;
  record.file = drop.filename().string();
  record.stored_as = "archive/" + record.file;
  record.claimed_at = last_night;
  const drop_number number = store.register_drop(record);
  record_batch batch;
  cell_bytes written;
  const std::vector<std::size_t> columns = mapping->columns();
  group one;
  totals counted;
  const auto flush = [&] {
    store.learn(job.name, one.customers);
    if (const auto added = lines.insert(one.lines); !added) give_up(added.error());
    one.customers.clear();
    one.lines.clear();
  };
  while ((*opened)->next(batch) && !batch.records.empty()) {
    for (const raw_record& read : batch.records) {
      const auto cells = (*opened)->split(read.bytes);
      if (!(*opened)->cells_of(read.bytes, columns, written)) return 65;
      mapped_row row = mapping->map(cells.value());
      one.lines.push_back({joined(prints.of_record(read.bytes), meaning),
                           joined(prints.of_cells(written.text), of_mapping),
                           prints.of_key(row.key)});
      std::string id = "i" + row.key.substr(2);
      one.customers.push_back({std::move(row.key), std::move(id), std::move(row.fields)});
      ++counted.read;
    }
    if (one.customers.size() > 50'000) flush();
  }
  flush();
  counted.unchanged = counted.read;
  store.admit(number, counted, last_night);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 64;
  const machine_zones zones;
  const auto loaded =
      load_settings(arguments[1], settings_surroundings{zones, process_environment()});
  if (!loaded) return 78;
  return make_state(loaded->values, arguments[2]);
}
