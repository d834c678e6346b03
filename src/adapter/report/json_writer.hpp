// RapidJSON's writer with the conventions of our JSON: unknown things are null, times are UTC with
// seconds, canonical values go in as they are. For adapter/report alone.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/model/value.hpp"

namespace patchbay {

class json_writer {
 public:
  json_writer() : writer_(buffer_) { writer_.SetMaxDecimalPlaces(3); }

  void open() { writer_.StartObject(); }
  void close() { writer_.EndObject(); }
  void open_list() { writer_.StartArray(); }
  void close_list() { writer_.EndArray(); }
  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void open(std::string_view name) {
    key(name);
    open();
  }
  void open_list(std::string_view name) {
    key(name);
    open_list();
  }
  void text(std::string_view name, std::string_view text) {
    key(name);
    element(text);
  }
  void element(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  /// Empty: null.
  void text_or_null(std::string_view name, std::string_view text) {
    if (text.empty()) return null(name);
    this->text(name, text);
  }
  void number(std::string_view name, std::int64_t number) {
    key(name);
    writer_.Int64(number);
  }
  void number_or_null(std::string_view name, std::int64_t number) {
    if (number == 0) return null(name);
    this->number(name, number);
  }
  void real(std::string_view name, double number) {
    if (!std::isfinite(number)) return null(name);
    key(name);
    writer_.Double(std::round(number * 1000) / 1000);
  }
  void truth(std::string_view name, bool truth) {
    key(name);
    writer_.Bool(truth);
  }
  void null(std::string_view name) {
    key(name);
    writer_.Null();
  }
  /// The epoch: null.
  void time(std::string_view name, wall_time when) {
    if (when == wall_time{}) return null(name);
    text(name, utc_text(when));
  }
  void time(std::string_view name, const std::optional<wall_time>& when) {
    time(name, when.value_or(wall_time{}));
  }
  /// Canonical JSON as it is, digits and all.
  void raw(std::string_view name, const value& v) {
    if (v.json.empty()) return null(name);
    key(name);
    writer_.RawValue(v.json.data(), v.json.size(), rapidjson::kNullType);
  }
  /// With the line end.
  [[nodiscard]] std::string line() const {
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace patchbay
