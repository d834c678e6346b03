#include "patchbay/protocol/json_text.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace patchbay;

TEST_CASE("json text: canonical form sorts keys, drops blanks and keeps digits") {
  const result<value> made = canonical_json(R"( {"b": 1.500, "a": [true, null, "x\u00e9"]} )");
  REQUIRE(made.has_value());
  CHECK(made->json == "{\"a\":[true,null,\"xé\"],\"b\":1.500}");
}

TEST_CASE("json text: large numbers are never rounded") {
  const std::string text = R"({"n":12345678901234567890.12345678901234567890})";
  CHECK(canonical_json(text)->json == text);
  CHECK(with_metadata(text, {"m"}, value{"1"}).value() ==
        R"({"n":12345678901234567890.12345678901234567890,"m":1})");
}

TEST_CASE("json text: bad texts are refused with a code") {
  CHECK(canonical_json("{").error().code == "JSON_INVALID");
  CHECK(canonical_json(R"({"a":1,"a":2})").error().code == "JSON_DUPLICATE_KEY");
  CHECK(canonical_json(std::string(100, '[')).error().code == "JSON_TOO_DEEP");
  CHECK(canonical_json("1 2").error().code == "JSON_INVALID");
}

TEST_CASE("json text: values survive being written and parsed") {
  const field_values values{{"email", {"\"a@x.it\""}}, {"metadata.limit", {"1.50"}}};
  CHECK(parse_values(write_values(values)).value() == values);
}

TEST_CASE("json text: the names in a list, whatever they hold; of anything else there are none") {
  const std::vector<std::string> names{"a", "say \"b\", c]", "d\\"};
  CHECK(names_in({R"(["a","say \"b\", c]","d\\"])"}) == names);
  CHECK(names_in({"[]"}).empty());
  CHECK(names_in(null_value()).empty());
  CHECK(names_in(string_value("a")).empty());
  CHECK(names_in({R"([1,["x"],{"y":"z"},"only"])"}) == std::vector<std::string>{"only"});
}

TEST_CASE("json text: a metadata key is set without touching the others") {
  const std::string object = R"({"z":{"deep":1},"a":"x","big":1e300})";
  CHECK(with_metadata(object, {"a"}, value{"true"}).value() ==
        R"({"z":{"deep":1},"a":true,"big":1e300})");
  CHECK(with_metadata(object, {"z", "new"}, value{"2"}).value() ==
        R"({"z":{"deep":1,"new":2},"a":"x","big":1e300})");
  CHECK(with_metadata(object, {"z", "deep"}, std::nullopt).value() ==
        R"({"z":{},"a":"x","big":1e300})");
  CHECK(with_metadata(object, {"not", "there"}, std::nullopt).value() == object);
  CHECK(with_metadata("", {"a"}, value{"1"}).value() == R"({"a":1})");
  CHECK(metadata_at(object, {"z", "deep"}).value().json == "1");
  CHECK_FALSE(metadata_at(object, {"z", "none"}).has_value());
}
