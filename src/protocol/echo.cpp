#include "patchbay/protocol/echo.hpp"

#include "patchbay/model/text.hpp"

namespace patchbay {

echo_match compare_echo(const value& asked, const value& echoed) {
  if (same(asked, echoed)) return echo_match::equal;
  // null and the empty string are told apart by nobody who reads the shop.
  if (is_null(asked) && echoed.json == "\"\"") return echo_match::normalised;
  if (!is_string(asked) || !is_string(echoed)) return echo_match::different;
  const std::string a = lowered(composed(collapsed(trimmed(plain_text(asked)))));
  const std::string b = lowered(composed(collapsed(trimmed(plain_text(echoed)))));
  return a == b ? echo_match::normalised : echo_match::different;
}

bool still_confirmed(const customer_levels& customer, std::string_view field, const value& shown) {
  const auto confirmed = customer.acknowledged.find(field);
  if (confirmed == customer.acknowledged.end()) return false;
  const auto form = customer.echoed.find(field);
  if (form != customer.echoed.end() && same(form->second, shown)) return true;
  return compare_echo(confirmed->second, shown) != echo_match::different;
}

}  // namespace patchbay
