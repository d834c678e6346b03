#include "patchbay/twin/admin.hpp"

#include <charconv>
#include <utility>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/query.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::twin {

namespace {

constexpr std::string_view root = "/twin/";

reply text(int status, std::string_view type, std::string body) {
  return {.status = status,
          .headers = {{"content-type", std::string(type)}},
          .body = std::move(body),
          .received = {}};
}

reply lines(std::string body) {
  return text(200, "application/x-ndjson", std::move(body));
}
reply said(std::string body) {
  return text(200, "text/plain; charset=utf-8", std::move(body));
}
reply wrong(int status, const std::string& why) {
  return text(status, "text/plain; charset=utf-8", why + '\n');
}

reply show_customers(const rules& of, const target& where, std::string_view id) {
  const roster& customers = of.customers();
  if (!id.empty()) {
    const customer* one = customers.by_id(id);
    if (one == nullptr) return wrong(404, "no customer has the id " + std::string(id));
    return lines(customer_line(*one, customers) + '\n');
  }
  if (where.query.empty()) return lines(state_lines(customers));
  const auto& [name, given] = where.query.front();
  std::vector<const customer*> found;
  if (name == "reference") found = customers.by_reference(given);
  if (name == "email" && customers.by_email(given) != nullptr) {
    found = {customers.by_email(given)};
  }
  if (name != "reference" && name != "email") return wrong(400, "ask for reference or email");
  std::string body;
  for (const customer* one : found) body += customer_line(*one, customers) + '\n';
  return found.empty() ? wrong(404, "no customer has the " + name + ' ' + given) : lines(body);
}

/// The customer that a line speaks of: the one with its id, or the only one with its reference.
customer base_of(const roster& in, std::string_view line, wall_time wall) {
  const auto members = parse_values(line);
  const auto text_of = [&](std::string_view name) {
    if (!members) return std::string();
    const auto found = members->find(name);
    return found == members->end() ? std::string() : plain_text(found->second);
  };
  const std::string id = text_of("id");
  if (const customer* there = in.by_id(id)) return *there;
  const std::vector<const customer*> named =
      id.empty() ? in.by_reference(text_of("reference")) : std::vector<const customer*>{};
  if (named.size() == 1) return *named.front();
  customer fresh;
  std::uint64_t number = in.size() + 1;
  while (in.by_id(id_of(number)) != nullptr) ++number;
  fresh.id = id_of(number);
  fresh.created_at = wall;
  return fresh;
}

std::string edit_customer(roster& in, std::string_view line, wall_time wall) {
  result<customer> read = customer_from(line, base_of(in, line, wall), in);
  if (!read) return read.error().message;
  read->updated_at = wall;
  const customer* owner = is_null(read->email) ? nullptr : in.by_email(plain_text(read->email));
  if (owner != nullptr && owner->id != read->id) return "the e-mail belongs to " + owner->id;
  if (in.by_id(read->id) != nullptr) {
    in.replace(std::move(*read));
  } else {
    in.add(std::move(*read));
    in.settle_order();
  }
  return {};
}

reply edit_customers(rules& of, std::string_view body, wall_time wall) {
  int done = 0;
  for (const std::string& line : pieces_of(body, '\n')) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string why = edit_customer(of.customers(), line, wall);
    if (!why.empty()) {
      return wrong(400, "customer " + std::to_string(done + 1) + ": " + why + " (" +
                            std::to_string(done) + " before it were edited)");
    }
    ++done;
  }
  return said(std::to_string(done) + " edited\n");
}

reply add_faults(rules& of, std::string_view body) {
  std::vector<fault_rule> read;
  for (std::string line : pieces_of(body, '\n')) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) continue;
    result<fault_rule> one = read_fault_rule(line);
    if (!one) return wrong(400, one.error().message + " (none was added)");
    read.push_back(std::move(*one));
  }
  for (fault_rule& one : read) of.faults().add(std::move(one));
  return said(std::to_string(of.faults().size()) + " fault rules in force\n");
}

reply show_log(const rules& of, const target& where) {
  std::uint64_t after = 0;
  for (const auto& [name, given] : where.query) {
    if (name == "after") std::from_chars(given.data(), given.data() + given.size(), after);
  }
  std::string body;
  for (const logged_request& entry : of.log()) {
    if (entry.number > after) body += log_line(entry) + '\n';
  }
  return lines(std::move(body));
}

}  // namespace

std::string_view admin_guide() {
  return "GET    /twin/customers/ID          one customer, as a line of JSON\n"
         "GET    /twin/customers?reference=R those with a reference (or ?email=E)\n"
         "GET    /twin/state                 all customers, a line of JSON each\n"
         "POST   /twin/customers             lines of JSON: edits as another system would make "
         "them.\n"
         "                                   id, or a reference that only one has, names the\n"
         "                                   customer; members not named stay; metadata is "
         "replaced;\n"
         "                                   an unknown one is created\n"
         "DELETE /twin/customers/ID          removes a customer: 404 from now on\n"
         "GET    /twin/log?after=N           all requests (after number N), a line of JSON each\n"
         "POST   /twin/faults                fault rules, one a line, as in --fault\n"
         "DELETE /twin/faults                no more faults\n"
         "DELETE /twin/tokens                revokes every token\n";
}

bool is_admin(const request& what) {
  return what.target.starts_with(root);
}

reply admin_answer(rules& of, const request& what, wall_time wall) {
  const target where = read_target(what.target);
  const std::vector<std::string> path =
      pieces_of(std::string_view(where.path).substr(root.size()), '/');
  const std::string first = path.empty() ? std::string() : path[0];
  const std::string id = path.size() > 1 ? path[1] : std::string();
  const std::string asked = what.method + ' ' + first;
  if (asked == "GET ") return said(std::string(admin_guide()));
  if (asked == "GET customers") return show_customers(of, where, id);
  if (asked == "GET state") return lines(state_lines(of.customers()));
  if (asked == "GET log") return show_log(of, where);
  if (asked == "POST customers") return edit_customers(of, what.body, wall);
  if (asked == "POST faults") return add_faults(of, what.body);
  if (asked == "DELETE faults") return of.faults().clear(), said("no faults in force\n");
  if (asked == "DELETE tokens") return of.revoke_tokens(), said("every token is revoked\n");
  if (asked == "DELETE customers") {
    return of.customers().remove(id) ? said("removed\n") : wrong(404, "no customer has this id");
  }
  return wrong(404, "there is no " + what.method + ' ' + where.path + "; there are\n" +
                        std::string(admin_guide()));
}

}  // namespace patchbay::twin
