// SPDX-License-Identifier: Apache-2.0
#include "serve/database.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/log.h"

#include <sqlite3.h>

namespace pocketstyle::serve {
namespace {

constexpr int kBusyTimeoutMs = 5000;  // while another program uses the file

void bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, place, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement, place, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_bind_null(statement, place);
  }
}

}  // namespace

Database::Database(const std::filesystem::path& file) : file_(file) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  try {
    if (sqlite3_open_v2(file.c_str(), &connection_, kFlags, nullptr) != SQLITE_OK) fail();
    sqlite3_busy_timeout(connection_, kBusyTimeoutMs);
    run_script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  } catch (...) {
    sqlite3_close(connection_);
    throw;
  }
}

Database::~Database() {
  sqlite3_close(connection_);
}

void Database::fail() const {
  throw DataError("{}: {}", file_.string(), sqlite3_errmsg(connection_));
}

void Database::run_script(const std::string& sql) {
  if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Database::run(const std::string& sql, const std::vector<Value>& values) {
  Query query(*this, sql, values);
  query.next();
  return sqlite3_changes64(connection_);
}

Query::Query(Database& database, const std::string& sql, const std::vector<Value>& values) : database_(database) {
  if (sqlite3_prepare_v2(database.connection_, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) database.fail();
  for (std::size_t i = 0; i < values.size(); ++i) bind(statement_, static_cast<int>(i) + 1, values[i]);
}

Query::~Query() {
  sqlite3_finalize(statement_);
}

bool Query::next() {
  const int result = sqlite3_step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_.fail();
  return result == SQLITE_ROW;
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Query::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

double Query::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::optional<double> Query::real_or_null(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return real(column);
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run_script("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run_script("ROLLBACK");
  } catch (const Error& error) {
    log()->debug("[serve] {}", error.what());  // SQLite has already rolled back
  }
}

void Transaction::commit() {
  database_.run_script("COMMIT");
  open_ = false;
}

}  // namespace pocketstyle::serve
