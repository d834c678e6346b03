// Writes an ERP's export: bench_drop ROWS FORM > drop.csv. The same rows each time, so that two
// forms differ in what their name says. About 160 bytes a row: quoted cells, doubled quotes, UTF-8,
// a newline inside quotes in one row of fifty.
//   base      as it was last night
//   changed   one row in a hundred has another value in one field, one in a thousand is new
//   shuffled  the same as changed, in another order
//   rewritten the values of base under other columns' order and other quotes
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

namespace {

constexpr std::array<std::string_view, 6> names{
    "Città di Castello", "Müller & Söhne", "Café \"\"Ångström\"\"",
    "Peña S.L.",         "Œuvre Naïve",    "Plain Trading Company Ltd"};
constexpr std::array<std::string_view, 8> cities{"Roma",    "Zürich", "Kraków", "Lyon",
                                                 "Sevilla", "Gent",   "Malmö",  "Bath"};

std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBULL;
  return number ^ (number >> 31U);
}

struct writer {
  bool changes = false;
  bool rewritten = false;
  std::string out;

  void cell(std::string_view text, bool last = false) {
    out += '"';
    out += text;
    out += last ? "\"\r\n" : "\";";
  }
  void plain(std::string_view text) {
    out += text;
    out += ';';
  }

  void row(std::int64_t n) {
    const std::uint64_t dice = mixed(static_cast<std::uint64_t>(n));
    const std::uint64_t field = changes && dice % 100 == 0 ? 1 + dice / 100 % 4 : 0;
    const auto at = static_cast<std::size_t>(dice >> 8U);
    char key[24];
    std::snprintf(key, sizeof key, "C-%09lld", static_cast<long long>(n));
    const std::string email =
        (field == 1 ? "moved." : "buyer.") + std::to_string(n) + "@example.com";
    const std::string name = std::string(names[at % names.size()]) + " " + std::to_string(n) +
                             (dice % 50 == 1 ? "\nfiliale" : "");
    const std::string street =
        "Via " + std::to_string(dice % 90'000) + (field == 2 ? " bis" : " Nord");
    const std::string_view city = cities[(at / 8 + (field == 3 ? 1 : 0)) % cities.size()];
    char limit[40];
    std::snprintf(limit, sizeof limit, "%llu,%02llu",
                  static_cast<unsigned long long>(dice % 100'000 + (field == 4 ? 1 : 0)),
                  static_cast<unsigned long long>(dice % 100));
    const std::string_view blocked = dice % 11 == 0 ? "X" : "";
    char day[16];
    std::snprintf(day, sizeof day, "2026%02u%02u", static_cast<unsigned>(dice % 12 + 1),
                  static_cast<unsigned>(dice % 28 + 1));
    const std::string terms = "Terms net 30 days, dock " + std::to_string(dice % 100);
    if (rewritten) {
      plain(email);
      plain(key);
      cell(name);
      plain(city);
      cell(street);
      plain(day);
      plain(limit);
      plain(blocked);
      out += terms + "\r\n";
      return;
    }
    cell(key);
    cell(name);
    cell(email);
    cell(street);
    cell(city);
    cell(limit);
    cell(blocked);
    cell(day);
    cell(terms, true);
  }

  void flush(std::size_t from) {
    if (out.size() < from) return;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) std::exit(74);
    out.clear();
  }
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 64;
  const std::int64_t rows = std::atoll(arguments[1]);
  const std::string_view form = arguments[2];
  writer to;
  to.rewritten = form == "rewritten";
  to.changes = form == "changed" || form == "shuffled";
  to.out = to.rewritten ? "EMAIL;KUNNR;NAME1;ORT01;STRAS;AEDAT;KLIMK;AUFSD;TEXT\r\n"
                        : "\"KUNNR\";\"NAME1\";\"EMAIL\";\"STRAS\";\"ORT01\";\"KLIMK\";\"AUFSD\";"
                          "\"AEDAT\";\"TEXT\"\r\n";
  const std::int64_t all = rows + (to.changes ? rows / 1000 : 0);
  // A step without a common divisor visits every row once.
  std::int64_t step = form == "shuffled" ? all * 618 / 1000 + 1 : 1;
  while (std::gcd(step, all) != 1) ++step;
  constexpr std::size_t block = std::size_t{1} << 20U;
  for (std::int64_t n = 0, at = 0; n < all; ++n, at = (at + step) % all) {
    to.row(at + 1);
    to.flush(block);
  }
  to.flush(0);
  return 0;
}
