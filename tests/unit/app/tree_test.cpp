#include <doctest/doctest.h>

#include "patchbay/app/config_tree.hpp"

using namespace patchbay;

namespace {

std::string fault_in(const std::string& text) {
  const auto tree = parse_config(text, "p.yaml");
  if (tree) return "good";
  const placed_fault first = tree.error().front();
  CHECK(first.file == "p.yaml");
  return first.code + " " + std::to_string(first.line) + ":" + std::to_string(first.column) +
         (first.key.empty() ? "" : " " + first.key);
}

}  // namespace

TEST_CASE("configuration tree: keys and values know where they stand") {
  const auto tree = parse_config("a: 1\nb:\n  - x\n  - c: \"8\"\n", "p.yaml").value();
  REQUIRE(tree.members.size() == 2);
  CHECK(tree.members[0].place.line == 1);
  CHECK(tree.members[0].node.place.column == 4);
  const config_node& list = tree.members[1].node;
  REQUIRE(list.elements.size() == 2);
  CHECK(list.elements[0].place.line == 3);
  CHECK(list.elements[0].place.column == 5);
  const config_member& inner = list.elements[1].members[0];
  CHECK(inner.key == "c");
  CHECK(inner.place.column == 5);
  CHECK(inner.node.quoted);
  CHECK_FALSE(list.elements[0].quoted);
}

TEST_CASE("configuration tree: a duplicate key is refused where it stands the second time") {
  CHECK(fault_in("a: 1\nb: 2\na: 3\n") == "CONFIG_DUPLICATE_KEY 3:1 a");
  CHECK(fault_in("x:\n  - {p: 1}\n  - {p: 1, q: 2, p: 3}\n") == "CONFIG_DUPLICATE_KEY 3:18 x[1].p");
  CHECK(fault_in("a: {k: 1}\nb: {k: 1}\n") == "good");
  const auto tree = parse_config("a: 1\n\na: 3\n", "p.yaml");
  CHECK(tree.error().front().message.find("first in line 1") != std::string::npos);
}

TEST_CASE("configuration tree: anchors, aliases, merges and tags are refused") {
  CHECK(fault_in("a: &x 1\nb: 2\n") == "CONFIG_ALIAS 1:4 a");
  CHECK(fault_in("a: &x {k: 1}\nb: *x\n") == "CONFIG_ALIAS 1:4 a");
  CHECK(fault_in("b: *x\n").starts_with("CONFIG_ALIAS 1:4"));
  CHECK(fault_in("a: !!str 1\n") == "CONFIG_TAG 1:4 a");
  CHECK(fault_in("a: !mine {k: 1}\n") == "CONFIG_TAG 1:4 a");
  CHECK(fault_in("a: \"&x\"\nb: '*x'\nc: \"!x\"\n") == "good");
}

TEST_CASE("configuration tree: an alias bomb is refused at its first anchor") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + one + ", " + one + "]\n";
  }
  CHECK(fault_in(bomb) == "CONFIG_ALIAS 1:5 a0");
}

TEST_CASE("configuration tree: one document, and it is a mapping") {
  CHECK(fault_in("---\na: 1\n") == "good");
  CHECK(fault_in("a: 1\n---\nb: 2\n") == "CONFIG_SYNTAX 2:1");
  CHECK(fault_in("") == "CONFIG_WRONG_TYPE 1:1");
  CHECK(fault_in("# nothing\n") == "CONFIG_WRONG_TYPE 1:1");
  CHECK(fault_in("- a\n- b\n") == "CONFIG_WRONG_TYPE 1:1");
}

TEST_CASE("configuration tree: broken YAML is refused with its place") {
  CHECK(fault_in("a: [1, 2\nb: 3\n").starts_with("CONFIG_SYNTAX "));
  CHECK(fault_in("a: 1\n b: 2\n").starts_with("CONFIG_SYNTAX 2:"));
  CHECK(fault_in("b: 1\na: \"open\nc: 2\nd: 3\n") == "CONFIG_SYNTAX 2:4 a");
  CHECK(fault_in("\xEF\xBB\xBFkey: 'open\n") == "CONFIG_SYNTAX 1:6 key");
  CHECK(fault_in("a: \"open") == "CONFIG_SYNTAX 1:9");
  CHECK(fault_in("größe: \"x\"\r\nb: 'it''s'\r\nc: \"a\\\"b\"\nd: \"ü\" # \"\n") == "good");
  CHECK(fault_in("\"größe: x\nb: \"y\"\n").starts_with("CONFIG_SYNTAX 1:1"));
  CHECK(fault_in(std::string("a: 1\nb: \0x\n", 11)) == "CONFIG_SYNTAX 2:1");
  CHECK(fault_in("? [1, 2]\n: x\n").starts_with("CONFIG_WRONG_TYPE 1:"));
  CHECK(fault_in("~: x\n").starts_with("CONFIG_WRONG_TYPE 1:"));
}

TEST_CASE("configuration tree: depth and size have a limit") {
  std::string deep = "a: ";
  for (int i = 0; i < 40; ++i) deep += "[";
  for (int i = 0; i < 40; ++i) deep += "]";
  CHECK(fault_in(deep + "\n").starts_with("CONFIG_TOO_DEEP 1:"));
}
