# One way to declare a room of the house: a static library with an alias, its public headers in a
# file set (so that they install), warnings from one interface target.
#
#   pullproof_library(oci_digest
#     SOURCES digest.cc
#     HEADERS digest.h
#     DEPENDS pullproof::base        # what the headers need
#     PRIVATE OpenSSL::Crypto)       # what only the sources need
function(pullproof_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPENDS;PRIVATE")
  add_library(pullproof_${name} STATIC)
  add_library(pullproof::${name} ALIAS pullproof_${name})
  target_sources(pullproof_${name}
    PRIVATE ${arg_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(pullproof_${name}
    PUBLIC ${arg_DEPENDS}
    PRIVATE pullproof::warnings pullproof::instrumentation ${arg_PRIVATE})
  target_compile_features(pullproof_${name} PUBLIC cxx_std_23)
  # Sources and headers include from the root of the house.
  target_include_directories(pullproof_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
endfunction()

# A GoogleTest program, one per room: pullproof_test(oci SOURCES digest_test.cc … DEPENDS …).
# Test names in ctest are ROOM.Suite.Name.
function(pullproof_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test
    PRIVATE pullproof::warnings pullproof::instrumentation ${arg_DEPENDS} GTest::gmock_main)
  target_compile_features(${name}_test PRIVATE cxx_std_23)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name}_test PRIVATE
    PULLPROOF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 120)
endfunction()
