// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace pocketstyle::serve {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// A SQLite file. Committed data survives a power failure. For one thread at a time. Throws DataError naming the file
/// and SQLite's reason.
class Database {
 public:
  /// Opens the file, or creates it if missing.
  explicit Database(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Statements without parameters, separated by semicolons.
  void run_script(const std::string& sql);
  /// One statement; `values` replace its question marks. Returns the number of changed rows.
  std::int64_t run(const std::string& sql, const std::vector<Value>& values = {});

 private:
  friend class Query;
  [[noreturn]] void fail() const;
  std::filesystem::path file_;
  sqlite3* connection_ = nullptr;
};

/// The rows of a query result, one after another.
class Query {
 public:
  Query(Database& database, const std::string& sql, const std::vector<Value>& values = {});
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Moves to the next row (initially the first); false after the last.
  bool next();
  // Column of the current row, counted from 0; null gives 0 or "".
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::optional<double> real_or_null(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A transaction: rolled back unless commit() is reached.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace pocketstyle::serve
