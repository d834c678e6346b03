#include "journal.hpp"

#include "patchbay/protocol/json_text.hpp"

namespace patchbay::sim {
namespace {

const char* name_of(happening what) {
  switch (what) {
    case happening::leased:
      return "leased";
    case happening::sent:
      return "sent";
    case happening::ended:
      return "ended";
    case happening::confirmed:
      return "confirmed";
    case happening::unanswered:
      return "unanswered";
    case happening::settled:
      return "settled";
    case happening::read:
      return "read";
    case happening::proved:
      return "proved";
    case happening::forgotten:
      return "forgotten";
    case happening::rests:
      return "rests";
    case happening::raised:
      return "raised";
    case happening::foreign:
      return "foreign";
    case happening::killed:
      return "killed";
  }
  return "";
}

}  // namespace

std::string in_words(const event& one) {
  std::string words = name_of(one.what);
  if (!one.customer.empty()) words += ' ' + one.customer;
  if (one.job != "erp") words += " of " + one.job;
  if (!one.fields.empty()) words += ' ' + write_values(one.fields);
  if (!one.text.empty()) words += " foreign " + one.text;
  return words;
}

}  // namespace patchbay::sim
