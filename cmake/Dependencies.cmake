# Every dependency: the system's package where there is one, else the archive named here, pinned by
# version and hash. The libraries that only a system can bring (TLS, HTTP, archives) must be there.
#
# Hashes are those that public package indexes record for the same archives.
include(FetchContent)

find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.85 REQUIRED)  # CURLOPT_PROTOCOLS_STR, a thread-safe curl_global_init
find_package(LibArchive 3.4 REQUIRED)
find_package(Threads REQUIRED)

FetchContent_Declare(fmt
  URL https://github.com/fmtlib/fmt/releases/download/10.2.1/fmt-10.2.1.zip
  URL_HASH SHA256=312151a2d13c8327f5c9c586ac6cf7cddc1658e8f53edae0ec56509c8fa516c9
  FIND_PACKAGE_ARGS 9)
FetchContent_Declare(tomlplusplus
  URL https://github.com/marzer/tomlplusplus/archive/refs/tags/v3.4.0.tar.gz
  URL_HASH SHA256=8517f65938a4faae9ccf8ebb36631a38c1cadfb5efa85d9a72e15b9e97d25155
  FIND_PACKAGE_ARGS 3.3)
FetchContent_Declare(httplib
  URL https://github.com/yhirose/cpp-httplib/archive/refs/tags/v0.46.0.tar.gz
  URL_HASH SHA256=4b91c970132cd140586ba880beab099fd16f0dc48425a5a60c418422c04d9fc1
  FIND_PACKAGE_ARGS)
FetchContent_Declare(CLI11
  URL https://github.com/CLIUtils/CLI11/archive/v2.3.2.tar.gz
  URL_HASH SHA256=aac0ab42108131ac5d3344a9db0fdf25c4db652296641955720a4fbe52334e22
  FIND_PACKAGE_ARGS)
FetchContent_Declare(pugixml
  URL https://github.com/zeux/pugixml/releases/download/v1.14/pugixml-1.14.tar.gz
  URL_HASH SHA256=2f10e276870c64b1db6809050a75e11a897a8d7456c4be5c6b2e35a11168a015
  FIND_PACKAGE_ARGS)
# The archive of headers alone: it has no CMake of its own.
FetchContent_Declare(nlohmann_json
  URL https://github.com/nlohmann/json/releases/download/v3.11.3/include.zip
  URL_HASH SHA256=a22461d13119ac5c78f205d3df1db13403e58ce1bb1794edc9313677313f4a9d
  FIND_PACKAGE_ARGS 3.11)
FetchContent_MakeAvailable(fmt tomlplusplus httplib CLI11 pugixml nlohmann_json)

if(NOT TARGET nlohmann_json::nlohmann_json)
  add_library(nlohmann_json INTERFACE)
  add_library(nlohmann_json::nlohmann_json ALIAS nlohmann_json)
  target_include_directories(nlohmann_json SYSTEM INTERFACE ${nlohmann_json_SOURCE_DIR}/include)
endif()
if(TARGET tomlplusplus_tomlplusplus)
  # Header-only toml++ asserts on some hostile input where its compiled form reports an error.
  target_compile_definitions(tomlplusplus_tomlplusplus INTERFACE "TOML_ASSERT(x)=static_cast<void>(0)")
endif()

if(BUILD_TESTING)
  FetchContent_Declare(GTest
    URL https://github.com/google/googletest/archive/refs/tags/v1.14.0.tar.gz
    URL_HASH SHA256=8ad598c73ad796e0d8280b082cebd82a630d73e73cd3c70057938a6501bba5d7
    FIND_PACKAGE_ARGS)
  FetchContent_MakeAvailable(GTest)
  include(GoogleTest)
endif()
