# Every dependency: the system's package first; where a system has none, a pinned and hashed
# archive.
include(FetchContent)

find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.74 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(httplib REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
