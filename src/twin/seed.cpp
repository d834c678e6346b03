// Customers out of numbers. Reading them from files is in seed_file.cpp.
#include "patchbay/twin/seed.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::array<std::string_view, 16> first_names{
    "Anna",  "Björn", "Chloé", "Dario", "Élise", "Frank", "Giulia", "Hanna",
    "Ivana", "José",  "Karin", "Luca",  "Marta", "Nils",  "Oriana", "Paolo"};
constexpr std::array<std::string_view, 16> plain_first_names{
    "anna",  "bjoern", "chloe", "dario", "elise", "frank", "giulia", "hanna",
    "ivana", "jose",   "karin", "luca",  "marta", "nils",  "oriana", "paolo"};
constexpr std::array<std::string_view, 12> last_names{"Rossi",   "Müller",  "Dubois",   "García",
                                                      "Novak",   "Jansen",  "Weiß",     "Conti",
                                                      "Lefèvre", "Schmidt", "Oliveira", "Horváth"};
constexpr std::array<std::string_view, 12> plain_last_names{
    "rossi", "mueller", "dubois",  "garcia",  "novak",    "jansen",
    "weiss", "conti",   "lefevre", "schmidt", "oliveira", "horvath"};
constexpr std::array<std::string_view, 4> domains{"example.com", "example.it", "example.de",
                                                  "example.org"};
constexpr std::array<std::string_view, 5> group_codes{"GOLD", "SILVER", "BRONZE", "STANDARD",
                                                      "WHOLESALE"};
constexpr std::array<std::string_view, 4> tag_names{"vip", "newsletter", "b2b", "blocked"};
constexpr std::array<std::string_view, 3> segments{"A", "B", "C"};

std::string padded(std::uint64_t number, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned long long>(number));
  return text.data();
}

}  // namespace

std::string id_of(std::uint64_t number) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // Number times factor, modulo 52^10: one to one, as the two have no factor in common. Added up
  // bit by bit, so that nothing overflows.
  constexpr std::uint64_t range = 144'555'105'949'057'024U;  // 52^10
  constexpr std::uint64_t factor = 98'765'432'117U;
  std::uint64_t mixed = 0;
  std::uint64_t addend = factor;
  for (std::uint64_t rest = number; rest > 0; rest >>= 1U) {
    if ((rest & 1U) != 0) mixed = (mixed + addend) % range;
    addend = (addend * 2) % range;
  }
  std::string id(10, 'A');
  for (std::size_t i = 0; i < id.size(); ++i) {
    // Later letters also depend on the earlier ones, so that neighbours do not look alike.
    id[i] = letters[(mixed + i * 17 + (i > 0 ? letters.find(id[i - 1]) * 29 : 0)) % letters.size()];
    mixed /= letters.size();
  }
  return id;
}

customer generated_customer(std::uint64_t number, const roster& groups) {
  const std::size_t first = number % first_names.size();
  const std::size_t last = (number / 3) % last_names.size();
  customer one;
  one.id = id_of(number);
  one.reference = string_value(padded(number, "C-%06llu"));
  one.reference_origin = string_value("SAP");
  one.email = string_value(std::string(plain_first_names[first]) + '.' +
                           std::string(plain_last_names[last]) + '.' + padded(number, "%06llu") +
                           '@' + std::string(domains[number % domains.size()]));
  const std::string loyalty = json_object()
                                  .add_text("card", padded(number * 7919 % 100'000'000, "L%08llu"))
                                  .add_number("points", static_cast<long long>(number * 37 % 5000))
                                  .text();
  one.metadata.json =
      json_object()
          .add_number("credit_limit", static_cast<long long>(number * 13 % 200) * 250)
          .add("loyalty", loyalty)
          .add_text("name", std::string(first_names[first]) + ' ' + std::string(last_names[last]))
          .add_text("segment", segments[number % segments.size()])
          .text();
  const group* joined = groups.group_by_code(group_codes[number % group_codes.size()]);
  if (joined != nullptr && number % group_codes.size() != 4) one.group_id = joined->id;
  one.status = number % 7 == 0 ? "acquired" : "prospect";
  // 2024-01-01T00:00:00Z and a minute for each number.
  one.created_at = wall_time(std::chrono::seconds(1'704'067'200 + 60 * (number % 500'000)));
  one.updated_at = one.created_at;
  return one;
}

roster generated_roster(std::uint64_t count, std::uint64_t duplicates) {
  roster made;
  for (const std::string_view code : group_codes) made.add_group(code);
  for (const std::string_view name : tag_names) made.add_tag(name);
  for (std::uint64_t number = 1; number <= count; ++number) {
    made.add(generated_customer(number, made));
  }
  for (std::uint64_t extra = 1; extra <= duplicates && extra <= count; ++extra) {
    customer twice = generated_customer(count + extra, made);
    twice.reference = generated_customer(extra, made).reference;
    made.add(std::move(twice));
  }
  made.settle_order();
  return made;
}

}  // namespace patchbay::twin
