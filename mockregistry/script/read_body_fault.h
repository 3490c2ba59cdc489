// The table `do.body`.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_READ_BODY_FAULT_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_READ_BODY_FAULT_H_

#include <span>
#include <string>
#include <string_view>

#include "base/table_reader.h"
#include "mockregistry/script/effect.h"

namespace pullproof::mockregistry::script {

// The members of `body`: what people forget to put inside of it.
std::span<const std::string_view> BodyFaultNames();

// `what` names the table: "`body` of rule `cut`". Reports what ReadEffect lists.
BodyFault ReadBodyFault(const Node& node, const std::string& what, const Vocabulary& vocabulary,
                        Diagnostics& problems);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_READ_BODY_FAULT_H_
