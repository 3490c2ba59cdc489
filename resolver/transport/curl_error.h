// libcurl's result codes in our words.
#ifndef PULLPROOF_RESOLVER_TRANSPORT_CURL_ERROR_H_
#define PULLPROOF_RESOLVER_TRANSPORT_CURL_ERROR_H_

#include <string_view>

#include <curl/curl.h>

#include "base/error.h"

namespace pullproof::resolver::transport {

// `detail` is libcurl's error buffer, may be empty; `head_complete` tells whether the answer's
// header had arrived. Pure.
Error CurlError(CURLcode code, std::string_view detail, bool head_complete);

}  // namespace pullproof::resolver::transport

#endif  // PULLPROOF_RESOLVER_TRANSPORT_CURL_ERROR_H_
