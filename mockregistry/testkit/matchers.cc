#include "mockregistry/testkit/matchers.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/table_reader.h"
#include "base/text.h"
#include "mockregistry/journal/query.h"
#include "mockregistry/scenario.h"

namespace pullproof::mockregistry::testkit {
namespace {

// A page that a person still reads; what matters is at its end.
constexpr std::size_t kShownExchanges = 50;

bool IsOver(const journal::Entry& entry) { return !entry.ending.empty(); }

// What all matchers share: to look again when everything is over, and to say what cannot be read.
class Question : public testing::MatcherInterface<const journal::Journal&> {
 public:
  bool MatchAndExplain(const journal::Journal& journal,
                       testing::MatchResultListener* listener) const override {
    if (!problem_.empty()) {
      *listener << "but the question cannot be read: " << problem_;
      return false;
    }
    testing::StringMatchResultListener first;
    if (Answer(journal, &first)) {
      *listener << first.str();
      return true;
    }
    const std::size_t begun = journal.Snapshot().size();
    if (journal.Count(IsOver) == begun) {
      *listener << first.str();
      return false;
    }
    journal.Wait(begun, IsOver, kPatience);
    return Answer(journal, listener);
  }

 protected:
  virtual bool Answer(const journal::Journal& journal,
                      testing::MatchResultListener* listener) const = 0;
  journal::Query Read(std::string_view question) {
    auto query = journal::Query::Parse(question);
    if (query) return *std::move(query);
    problem_ = pullproof::Describe(query.error());
    return {};
  }

 private:
  std::string problem_;
};

class CountQuestion final : public Question {
 public:
  CountQuestion(std::string text, testing::Matcher<std::size_t> times)
      : text_(std::move(text)), times_(std::move(times)) {
    query_ = Read(text_);
  }

  void DescribeTo(std::ostream* out) const override {
    *out << "saw { " << text_ << " } a number of times that ";
    times_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "saw { " << text_ << " } a number of times that ";
    times_.DescribeNegationTo(out);
  }

 protected:
  bool Answer(const journal::Journal& journal,
              testing::MatchResultListener* listener) const override {
    const std::vector<journal::Entry> found = journal.Find(query_);
    *listener << "which saw it " << found.size() << (found.size() == 1 ? " time" : " times");
    for (const journal::Entry& entry : found) {
      *listener << (&entry == found.data() ? ": #" : ", #") << entry.number;
    }
    return times_.Matches(found.size());
  }

 private:
  std::string text_;
  testing::Matcher<std::size_t> times_;
  journal::Query query_;
};

class OrderQuestion final : public Question {
 public:
  explicit OrderQuestion(const std::vector<std::string>& questions) : texts_(questions) {
    for (const std::string& text : texts_) queries_.push_back(Read(text));
  }

  void DescribeTo(std::ostream* out) const override {
    *out << "saw, in this order, { " << fmt::format("{}", fmt::join(texts_, " }, { ")) << " }";
  }
  void DescribeNegationTo(std::ostream* out) const override {
    *out << "did not see, in this order, { " << fmt::format("{}", fmt::join(texts_, " }, { "))
         << " }";
  }

 protected:
  bool Answer(const journal::Journal& journal,
              testing::MatchResultListener* listener) const override {
    const std::vector<journal::Entry> entries = journal.Snapshot();
    std::size_t next = 0;
    std::uint64_t last = 0;
    for (const journal::Entry& entry : entries) {
      if (next == queries_.size()) break;
      if (!queries_[next](entry)) continue;
      ++next;
      last = entry.number;
    }
    if (next == queries_.size()) return true;
    *listener << "which saw no { " << texts_[next] << " }";
    if (next > 0) *listener << " after #" << last << ", the { " << texts_[next - 1] << " }";
    return false;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<journal::Query> queries_;
};

}  // namespace

std::unique_ptr<Registry> StartRegistry(std::string_view fixture, const Options& options) {
  Diagnostics problems("fixture.toml");
  auto scenario = LoadScenario(fixture, problems.name(), ".", problems);
  if (scenario == nullptr) {
    std::string lines;
    for (const Diagnostic& problem : problems.all()) lines += FormatDiagnostic(problems, problem);
    ADD_FAILURE() << lines;
    return nullptr;
  }
  auto registry = Registry::Start(std::move(scenario), options);
  if (!registry) {
    ADD_FAILURE() << pullproof::Describe(registry.error());
    return nullptr;
  }
  return *std::move(registry);
}

JournalMatcher Saw(std::string_view question, testing::Matcher<std::size_t> times) {
  return testing::MakeMatcher(new CountQuestion(std::string(question), std::move(times)));
}

JournalMatcher SawInOrder(const std::vector<std::string>& questions) {
  return testing::MakeMatcher(new OrderQuestion(questions));
}

JournalMatcher Fired(std::string_view rule, testing::Matcher<std::size_t> times) {
  return Saw(fmt::format("rule = {}", CanonicalJsonString(rule)), std::move(times));
}

std::string Describe(const journal::Entry& entry) {
  const std::string operation = entry.operation.empty() ? "no operation" : entry.operation;
  const std::string name = entry.name.empty() ? "" : fmt::format(" `{}`", entry.name);
  const std::string answer = entry.status == 0 ? "no answer"
                                               : fmt::format("{}, {} of {} bytes", entry.status,
                                                             entry.body_sent, entry.body_size);
  const std::string rule = entry.rule.empty() ? "" : fmt::format(", by rule `{}`", entry.rule);
  return fmt::format("#{} {} {} ({}{}) -> {}, {}{}", entry.number, Printable(entry.method),
                     Printable(journal::RedactTarget(entry.target)), operation, name, answer,
                     entry.ending.empty() ? "not over" : entry.ending, rule);
}

}  // namespace pullproof::mockregistry::testkit

namespace pullproof::mockregistry::journal {

void PrintTo(const Journal& journal, std::ostream* out) {
  const std::vector<Entry> entries = journal.Snapshot();
  *out << entries.size() << (entries.size() == 1 ? " exchange\n" : " exchanges\n");
  const std::size_t skipped = entries.size() - std::min(entries.size(), testkit::kShownExchanges);
  if (skipped > 0) *out << "  … " << skipped << " before these\n";
  for (std::size_t i = skipped; i < entries.size(); ++i) {
    *out << "  " << testkit::Describe(entries[i]) << '\n';
  }
}

void PrintTo(const Entry& entry, std::ostream* out) { *out << testkit::Describe(entry); }

}  // namespace pullproof::mockregistry::journal
