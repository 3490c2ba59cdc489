// What went wrong, as a value.
//
// Every function that reads outside data returns Result<T>. An Error has a stable id, so that a
// program can tell errors apart, and the three things that a person needs: what is wrong, where,
// and what to do.
#ifndef PULLPROOF_BASE_ERROR_H_
#define PULLPROOF_BASE_ERROR_H_

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace pullproof {

struct Error {
  std::string id;       // stable, dotted: "digest.mismatch"; listed in docs/errors.md
  std::string message;  // one sentence without a final full stop: what is wrong
  std::string where;    // "spin.toml:3:10", a reference, a digest, a URL; empty when there is none
  std::string hint;     // what to do about it; empty when there is nothing to suggest

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;

// Shorthand for `return std::unexpected(Error{...})`.
[[nodiscard]] inline std::unexpected<Error> Fail(std::string id, std::string message,
                                                 std::string where = {}, std::string hint = {}) {
  return std::unexpected(
      Error{std::move(id), std::move(message), std::move(where), std::move(hint)});
}

// "WHERE: MESSAGE [ID]\n  HINT", on one line when there is no hint. Control characters of outside
// data are escaped, so that the text is safe on a terminal.
std::string Describe(const Error& error);

// The same error with `where` filled in, when it had none.
Error At(Error error, std::string_view where);

}  // namespace pullproof

// Runs `expr`, a Result<T>; on error returns it from the enclosing function, else binds the value
// to `lhs`: PULLPROOF_ASSIGN_OR_RETURN(const Digest digest, Digest::Parse(text));
#define PULLPROOF_CONCAT_INNER(a, b) a##b
#define PULLPROOF_CONCAT(a, b) PULLPROOF_CONCAT_INNER(a, b)
#define PULLPROOF_ASSIGN_OR_RETURN(lhs, expr) \
  PULLPROOF_ASSIGN_OR_RETURN_IMPL(PULLPROOF_CONCAT(result_, __LINE__), lhs, expr)
#define PULLPROOF_ASSIGN_OR_RETURN_IMPL(result, lhs, expr)                    \
  auto result = (expr);                                                       \
  if (!result.has_value()) return std::unexpected(std::move(result).error()); \
  lhs = *std::move(result)
// The same for a Result<void>, or when the value is not needed.
#define PULLPROOF_RETURN_IF_ERROR(expr)                   \
  do {                                                    \
    if (auto status_ = (expr); !status_.has_value()) {    \
      return std::unexpected(std::move(status_).error()); \
    }                                                     \
  } while (false)

#endif  // PULLPROOF_BASE_ERROR_H_
